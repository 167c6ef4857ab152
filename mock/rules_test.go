package mock_test

import (
	"encoding/json"
	"net/http"
	"testing"
)

// ruleView is a rule as the admin API shows it.
type ruleView struct {
	ID, Name, Location string
	Rule               json.RawMessage
}

func TestRulesAreShownAsTheyWereGiven(t *testing.T) {
	s := start(t)
	s.do("GET", "/__admin/rules", "").is(http.StatusOK, "[]\n")
	const down = `{"name":"down","when":{"path":"/leads"},"respond":{"error":"unavailable","times":1}}`
	const slow = `{"respond":{"delay":"1ms"}}`
	first := decode[ruleView](s.do("PUT", "/__admin/rules/mine", down).status(http.StatusCreated))
	if first.ID != "mine" || first.Name != "down" || first.Location != "rules/mine down" || string(first.Rule) != down {
		t.Errorf("got %+v", first)
	}
	second := decode[ruleView](s.do("POST", "/__admin/rules", slow).status(http.StatusCreated))
	if second.ID == "" || second.Name != "" || second.Location != "rules/"+second.ID || string(second.Rule) != slow {
		t.Errorf("got %+v", second)
	}
	all := decode[[]ruleView](s.do("GET", "/__admin/rules", "").status(http.StatusOK))
	if len(all) != 2 || all[0].ID != "mine" || string(all[0].Rule) != down || all[1].ID != second.ID || string(all[1].Rule) != slow {
		t.Errorf("got %+v", all)
	}
	s.do("GET", "/api/leads", "").status(http.StatusServiceUnavailable).header("X-Mock-Rule", first.Location)
	one := s.do("GET", "/__admin/rules/mine", "").status(http.StatusOK)
	if got := decode[ruleView](one); got.Location != first.Location || string(got.Rule) != down {
		t.Errorf("got %+v", got)
	}

	s.do("PUT", "/__admin/rules/mine", slow).status(http.StatusCreated)
	all = decode[[]ruleView](s.do("GET", "/__admin/rules", ""))
	if len(all) != 2 || all[0].ID != "mine" || all[0].Name != "" || string(all[0].Rule) != slow {
		t.Errorf("after it was replaced: %+v", all)
	}
	s.do("DELETE", "/__admin/rules/mine", "").status(http.StatusNoContent)
	s.do("GET", "/__admin/rules/mine", "").is(http.StatusNotFound, `{"statusCode":404,"message":"Rule with id mine not found"}`)
	s.do("GET", "/__admin/rules?session=other", "").is(http.StatusOK, "[]\n")
	s.do("DELETE", "/__admin/rules", "").status(http.StatusNoContent)
	s.do("GET", "/__admin/rules", "").is(http.StatusOK, "[]\n")
}

func TestWrongRulesAreExplained(t *testing.T) {
	s := start(t)
	got := s.do("POST", "/__admin/rules", `{"respond":{"eror":"internal"}}`).status(http.StatusBadRequest)
	body := decode[struct {
		Problems []struct {
			Line, Column int
			Message      string
		}
	}](got)
	if len(body.Problems) != 1 || body.Problems[0].Line != 1 || body.Problems[0].Column != 13 {
		t.Errorf("got %s", got.Body)
	}
	s.do("GET", "/__admin/rules", "").is(http.StatusOK, "[]\n")
}
