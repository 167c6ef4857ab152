package cli

import (
	"os"
	"runtime/debug"

	"github.com/salesos/salesos-mock/mock"
)

type openapiCommand struct {
	Fixtures text     `placeholder:"DIR" from:"SALESOS_MOCK_FIXTURES" help:"Folder whose API is described. Without it, ./fixtures or the built-in one."`
	Output   text     `short:"o" placeholder:"FILE" help:"Write the document to this file instead of standard output."`
	BasePath basePath `default:"/api" placeholder:"PATH" from:"SALESOS_MOCK_BASE_PATH" help:"What the paths of the API begin with. Default: /api."`
}

// Run prints the document and nothing else, so that it can be put into a file or a generator. --output is for shells whose
// redirection writes another encoding.
func (c *openapiCommand) Run(p *process) error {
	info, _ := debug.ReadBuildInfo()
	from := chooseSource(string(c.Fixtures))
	if err := from.there(); err != nil {
		return err
	}
	server, err := mock.New(
		mock.Fixtures(from.folder), mock.BasePath(string(c.BasePath)),
		mock.Watch("off"), mock.Version(version(info)))
	if err != nil {
		return err
	}
	document, err := server.OpenAPI()
	if err != nil {
		return err
	}
	if c.Output == "" {
		return p.print("%s", document)
	}
	return os.WriteFile(string(c.Output), document, 0o644)
}
