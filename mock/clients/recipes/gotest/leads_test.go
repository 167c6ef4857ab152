package leads_test

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/salesos/salesos-mock/mock/mocktest"
)

func TestLeads(t *testing.T) {
	srv := mocktest.New(t) // on a free port; it closes with the test

	t.Run("a list that is down is asked for again", func(t *testing.T) {
		t.Parallel()
		s := srv.For(t) // data, errors and requests that no other test sees
		s.Force("GET", "/leads", mocktest.Unavailable.RetryAfter(1).Times(1))
		if err := listLeads(t.Context(), s.URL, s.APIKey()); err != nil {
			t.Error(err)
		}
		s.Verify(t, mocktest.Requests("GET", "/leads").Exactly(2))
		s.Audit(t) // has it waited as long as it was told?
	})

	t.Run("who may not see leads does not ask twice", func(t *testing.T) {
		t.Parallel()
		s := srv.For(t)
		s.Force("GET", "/leads", mocktest.Forbidden)
		if err := listLeads(t.Context(), s.URL, s.APIKey()); err == nil {
			t.Error("no error")
		}
		s.Verify(t, mocktest.Requests("GET", "/leads").Exactly(1))
	})
}

// listLeads is the client under test. Yours is better.
func listLeads(ctx context.Context, api, key string) error {
	for {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, api+"/leads", nil)
		if err != nil {
			return err
		}
		request.Header.Set("X-API-Key", key)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		_ = response.Body.Close()
		seconds, err := strconv.Atoi(response.Header.Get("Retry-After"))
		switch {
		case response.StatusCode == http.StatusOK:
			return nil
		case err != nil:
			return fmt.Errorf("the list answers %s", response.Status)
		}
		select {
		case <-time.After(time.Duration(seconds) * time.Second):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
