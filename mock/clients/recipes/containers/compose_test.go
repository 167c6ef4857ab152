package containers

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

const project = "../../../.."

// TestComposeFile reads the file as docker compose does, which refuses what it does not know, and compares it with the image.
func TestComposeFile(t *testing.T) {
	salesos, app := load(t)
	if app.DependsOn["salesos"].Condition != types.ServiceConditionHealthy {
		t.Error("the app does not wait for the mock")
	}
	port := found(t, "Dockerfile", `(?m)^EXPOSE (\d+)$`)
	found(t, "Dockerfile", `(?m)^HEALTHCHECK .* (CMD) `)
	if ports := salesos.Ports; len(ports) != 1 || ports[0].Published != port || ports[0].HostIP != "127.0.0.1" {
		t.Errorf("ports are %+v, but the image listens on %s", ports, port)
	}
	for _, name := range []string{"SALESOS_API_URL", "SALESOS_ADMIN_URL"} {
		if value := app.Environment[name]; value == nil || !strings.HasPrefix(*value, "http://salesos:"+port+"/") {
			t.Errorf("%s does not lead to the mock", name)
		}
	}
	for name := range salesos.Environment {
		found(t, "README.md", "(?m)^\\| `--[a-z-]+` \\| (`"+name+"`) \\|")
	}
}

func load(t *testing.T) (salesos, app types.ServiceConfig) {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{"compose.yaml"}, cli.WithName("recipe"))
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := options.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return loaded.Services["salesos"], loaded.Services["app"]
}

// found gives what a pattern finds in a file of the project.
func found(t *testing.T, name, pattern string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(project, name))
	if err != nil {
		t.Fatal(err)
	}
	match := regexp.MustCompile(pattern).FindSubmatch(text)
	if match == nil {
		t.Fatalf("%s has nothing like %s", name, pattern)
	}
	return string(match[1])
}
