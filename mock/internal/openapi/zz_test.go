package openapi
import ("testing";"os";"github.com/salesos/salesos-mock/mock/internal/schema";"github.com/salesos/salesos-mock/mock/internal/operation")
func BenchmarkDoc(b *testing.B) {
	_ = os.Args
	t, _ := operation.New([]*schema.Definition{schema.NewDefinition("leads","Lead",[]schema.Field{{Name:"id",Type:schema.String}})}, nil)
	for b.Loop() { Document(Input{Operations: t.All()}) }
}
