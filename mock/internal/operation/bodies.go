package operation

import "github.com/salesos/salesos-mock/mock/internal/schema"

// The bodies of the operations that do not take a record (contract.md sections 3 and 5).

func loginBody() *schema.Definition {
	return schema.NewDefinition("login", "Login", []schema.Field{
		{Name: "email", Type: schema.String, Format: schema.Email, Required: true},
		{Name: "password", Type: schema.String, Required: true},
	})
}

func convertBody() *schema.Definition {
	yes := []byte("true")
	return schema.NewDefinition("convert", "Conversion", []schema.Field{
		{Name: "createAccount", Type: schema.Boolean, Default: yes},
		{Name: "createContact", Type: schema.Boolean, Default: yes},
		{Name: "createOpportunity", Type: schema.Boolean, Default: yes},
		{Name: "opportunityName", Type: schema.String},
		{Name: "accountName", Type: schema.String},
		{Name: "opportunityAmount", Type: schema.Number},
		{Name: "existingAccountId", Type: schema.String, Format: schema.UUID},
	})
}

func idsField() schema.Field {
	return schema.Field{Name: "ids", Type: schema.Array, Required: true, Items: &schema.Field{Type: schema.String, Format: schema.UUID}}
}

func bulkUpdateBody() *schema.Definition {
	return schema.NewDefinition("bulk-update", "Bulk update", []schema.Field{
		idsField(), {Name: "updates", Type: schema.Object, Required: true},
	})
}

func bulkDeleteBody() *schema.Definition {
	return schema.NewDefinition("bulk-delete", "Bulk deletion", []schema.Field{idsField()})
}

func bulkAssignBody() *schema.Definition {
	return schema.NewDefinition("bulk-assign", "Bulk assignment", []schema.Field{
		idsField(), {Name: "newOwnerId", Type: schema.String, Format: schema.UUID, Required: true},
	})
}
