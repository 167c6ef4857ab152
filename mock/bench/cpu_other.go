//go:build !linux

package main

import (
	"errors"
	"time"
)

func (*server) cpu() (time.Duration, error) {
	return 0, errors.New("the processor time of another process is measured on Linux only; go test -bench . ./mock/bench runs everywhere")
}
