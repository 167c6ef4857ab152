package referee

import "io"

// Report is a report of this package.
type Report interface {
	json() (key string, report any)
	text(paint) string
	markdown() string
	suite() testSuite
}

// WriteAll writes reports into one document. color is for Text only.
func WriteAll(w io.Writer, f Format, color bool, reports ...Report) error {
	switch f {
	case JSON:
		together := map[string]any{}
		for _, r := range reports {
			key, report := r.json()
			together[key] = report
		}
		return writeJSON(w, together)
	case JUnit:
		var suites []testSuite
		for _, r := range reports {
			suites = append(suites, r.suite())
		}
		return writeXML(w, suites...)
	}
	for i, r := range reports {
		text := r.markdown()
		if f == Text {
			text = r.text(palette(color))
		}
		if i > 0 {
			text = "\n" + text
		}
		if err := writeText(w, text); err != nil {
			return err
		}
	}
	return nil
}

func (r *AuditReport) json() (key string, report any)    { return "audit", r }
func (r *CoverageReport) json() (key string, report any) { return "coverage", r }
func (v *Verdict) json() (key string, report any)        { return "verify", v }
