package containers

import (
	"net/http"
	"testing"

	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/wait"
)

func TestLeads(t *testing.T) {
	testcontainers.SkipIfProviderIsNotHealthy(t)
	container, err := testcontainers.Run(t.Context(), "registry.example.com/salesos-mock",
		testcontainers.WithExposedPorts("4000/tcp"),
		testcontainers.WithWaitStrategy(wait.ForHealthCheck())) // the image has one
	testcontainers.CleanupContainer(t, container)
	if err != nil {
		t.Fatal(err)
	}
	origin, err := container.PortEndpoint(t.Context(), "4000/tcp", "http")
	if err != nil {
		t.Fatal(err)
	}

	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, origin+"/api/leads", nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-API-Key", "sk_test_admin")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Errorf("the list answers %s", response.Status)
	}
}
