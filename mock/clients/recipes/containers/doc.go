// Package containers holds the recipes for containers, and what can be checked of them without an engine. It is a module
// of its own, since the libraries that it uses are many and nobody else needs them.
package containers
