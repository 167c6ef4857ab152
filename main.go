// Command salesos-mock is a SalesOS API that fails on demand. What it does is in package cli.
package main

import (
	"context"
	"os"

	"github.com/salesos/salesos-mock/mock/cli"
)

func main() {
	os.Exit(cli.Main(context.Background(), os.Args[1:], os.Environ(), cli.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}
