package httpapi

import (
	"crypto/subtle"
	"net/http"

	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/auth"
	"github.com/salesos/salesos-mock/mock/internal/operation"
)

// authorise finds out who asks, and whether they may (contract.md section 3): 401, then 403.
func (x *exchange) authorise() error {
	o := x.match.Operation
	if o.Public {
		return nil
	}
	if err := x.authenticate(o); err != nil {
		return err
	}
	if err := x.checkCSRF(o); err != nil {
		return err
	}
	resource := ""
	if o.Resource != nil {
		resource = o.Resource.Name
	}
	if o.Scope != "" && !x.principal.Allows(o.Scope, resource) {
		return apierror.NewForbidden()
	}
	return nil
}

func (x *exchange) authenticate(o *operation.Operation) (err error) {
	judge := x.generation.Keyring.Authenticate
	if o.Action == operation.Refresh {
		judge = x.generation.Keyring.Refreshable
	}
	x.principal, err = judge(x.api.options.Auth, x.credential, x.now(), x.world)
	return err
}

// checkCSRF asks writers with a token, under --csrf on, for the anti-forgery token of their login.
func (x *exchange) checkCSRF(o *operation.Operation) error {
	if !x.api.options.CSRF || x.credential.Kind != auth.Bearer || x.principal.Claims == nil {
		return nil
	}
	if x.req.Method == http.MethodGet || x.req.Method == http.MethodHead || o.Action == operation.Refresh {
		return nil
	}
	sent := x.req.Header.Get("X-CSRF-Token")
	switch {
	case sent == "":
		return apierror.NewForbiddenBecause(apierror.CSRFRequired)
	case subtle.ConstantTimeCompare([]byte(sent), []byte(x.csrfToken())) == 0:
		return apierror.NewForbiddenBecause(apierror.CSRFInvalid)
	default:
		return nil
	}
}

// csrfToken is that of the caller's login; callers without a token of their own share one.
func (x *exchange) csrfToken() string {
	jti := ""
	if x.principal.Claims != nil {
		jti = x.principal.Claims.ID
	}
	return x.generation.Keyring.CSRFToken(jti)
}
