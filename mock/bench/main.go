// Command bench measures the mock against the floor: a bare Echo program on the same machine in the same minute. It
// builds both, starts them on free ports of the loopback, lets them take turns, and prints a table with medians,
// ratios and the bar that each has to clear. README.md beside it says what the rows mean.
//
//	go run ./mock/bench             # some minutes
//	go run ./mock/bench -quick      # half a minute, coarser
//	go run ./mock/bench -check      # exit code 1 when a bar is missed
//	go run ./mock/bench -only reads,start
//	go run ./mock/bench -markdown -charts mock/bench/charts
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// section is one group of rows, run on its own processes.
type section struct {
	name, about string
	measure     func(*bench) error
	long        bool // -quick leaves it out, unless it is asked for by name
}

const growthAbout = "what more leads, rules and sessions cost"

// sections are in the order of the table.
func sections() []section {
	return []section{
		{"reads", "CPU of the server for each read", (*bench).measureReads, false},
		{"steering", "CPU of the server for steered reads", (*bench).measureSteering, false},
		{"journal", "what recording a read costs, and what it leaves", (*bench).measureJournal, false},
		{"scale", "what 100,000 leads cost more than 1,000", (*bench).measureScale, false},
		{"start", "process start to first answer", (*bench).measureStart, false},
		{"run", "what run adds to a command", (*bench).measureRun, false},
		{"load", "making up and loading leads", (*bench).measureLoad, false},
		{"memory", "resident memory after traffic", (*bench).measureMemory, false},
		{"saved", "a saved file until it is served", (*bench).measureSaved, false},
		{"allocations", "allocations of a read", (*bench).measureAllocations, false},
		{"growth", growthAbout, (*bench).measureSizes, true},
		{"locks", "waiting for locks, at 64 connections", (*bench).measureLocks, false},
		{"profile", "the first ten functions of a read's processor time", (*bench).measureProfile, false},
	}
}

// run is the command: 0 fine, 1 a bar was missed under -check or nothing could be measured, 2 usage.
func run(args []string, out, errs io.Writer) int {
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(errs)
	quick := flags.Bool("quick", false, "fewer and shorter rounds: about half a minute")
	check := flags.Bool("check", false, "exit with 1 when a bar is missed")
	markdown := flags.Bool("markdown", false, "print the tables in Markdown")
	charts := flags.String("charts", "", "draw what grows, as SVG files in this folder")
	only := flags.String("only", "", "the sections to run, parted by commas: "+strings.Join(names(), ", "))
	if err := flags.Parse(args); err != nil {
		return 2
	}
	chosen, err := choose(*only, *quick)
	if err != nil {
		fmt.Fprintln(errs, "bench:", err)
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	table, err := measure(ctx, chosen, *quick, errs)
	if err != nil {
		fmt.Fprintln(errs, "bench:", err)
		return 1
	}
	if *charts != "" {
		if err := table.draw(*charts); err != nil {
			fmt.Fprintln(errs, "bench:", err)
			return 1
		}
	}
	if *markdown {
		table.markdown(out)
	} else {
		table.print(out)
	}
	if *check && table.missed() > 0 {
		fmt.Fprintf(errs, "bench: %d bars missed\n", table.missed())
		return 1
	}
	return 0
}

func names() (names []string) {
	for _, s := range sections() {
		names = append(names, s.name)
	}
	return names
}

func choose(only string, quick bool) ([]section, error) {
	all := sections()
	if only == "" {
		return slices.DeleteFunc(all, func(s section) bool { return s.long && quick }), nil
	}
	var chosen []section
	for name := range strings.SplitSeq(only, ",") {
		i := slices.IndexFunc(all, func(s section) bool { return s.name == name })
		if i < 0 {
			return nil, fmt.Errorf("section %q is unknown; there are %s", name, strings.Join(names(), ", "))
		}
		chosen = append(chosen, all[i])
	}
	return chosen, nil
}

// bench is one run.
type bench struct {
	ctx    context.Context
	quick  bool
	folder string // temporary: binaries, fixtures, answers
	mock   string // the binaries
	bare   string
	table  *table
}

// measure runs the sections and gives the table of what they found.
func measure(ctx context.Context, chosen []section, quick bool, progress io.Writer) (_ *table, err error) {
	folder, err := os.MkdirTemp("", "salesos-mock-bench-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	b := &bench{ctx: ctx, quick: quick, folder: folder, table: newTable()}
	fmt.Fprintln(progress, "building")
	if err := b.build(); err != nil {
		return nil, err
	}
	for _, s := range chosen {
		fmt.Fprintf(progress, "%s: %s\n", s.name, s.about)
		b.table.begin(s.about)
		if err := s.measure(b); err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
	}
	return b.table, nil
}

// times is how often something is done: a number for the full run, and one for -quick.
func (b *bench) times(full, quick int) int {
	if b.quick {
		return quick
	}
	return full
}
