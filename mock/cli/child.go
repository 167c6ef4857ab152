package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
)

// The exit codes of a command that could not be started, as shells give them.
const (
	exitNotExecutable = 126
	exitNotFound      = 127
)

// exitError ends the program with a code of its own. Without an error there is nothing to tell: a command that failed has
// said so itself.
type exitError struct {
	code int
	error
}

func (e exitError) Unwrap() error { return e.error }

// command is a command line as it was given, to be run in an environment. When the context ends it is asked to end.
func command(ctx context.Context, words, environ []string) *exec.Cmd {
	c := exec.CommandContext(ctx, words[0], words[1:]...)
	c.Env = environ
	c.Cancel = func() error { return askToEnd(c.Process) }
	return c
}

// inForeground runs a command as a shell would: it has the program's own streams, and gets the signals that the program
// gets, until it ends by itself. The code is the one that a shell would give.
func (p *process) inForeground(c *exec.Cmd) (code int, err error) {
	c.Stdin, c.Stdout, c.Stderr = p.streams.In, p.streams.Out, p.streams.Err
	endWithParent(c)
	signals := make(chan os.Signal, 16)
	catch(signals)
	defer signal.Stop(signals)
	return wait(c, func() (stop func()) {
		ended := make(chan struct{})
		go func() {
			for {
				select {
				case s := <-signals:
					passOn(s, c.Process)
				case <-ended:
					return
				}
			}
		}()
		return func() { close(ended) }
	})
}

// catch takes the signals that are passed on to a command. One that is ignored stays so, for the command too: nohup and
// shells without job control mean it.
func catch(signals chan<- os.Signal) {
	for _, s := range passedOn() {
		if !signal.Ignored(s) {
			signal.Notify(signals, s)
		}
	}
}

// wait starts a command, calls meanwhile, and waits for the end. The thread must live as long as the command: the system
// tells a child of the end of the thread that started it.
func wait(c *exec.Cmd, meanwhile func() (stop func())) (code int, err error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := c.Start(); err != nil {
		return 0, unstartable(c, err)
	}
	stop := meanwhile()
	err = c.Wait()
	stop()
	if c.ProcessState == nil {
		return 0, err
	}
	return codeOf(c.ProcessState), nil
}

// unstartable says why a command could not be started, with the exit code of a shell.
func unstartable(c *exec.Cmd, err error) error {
	name := c.Args[0]
	info, missing := os.Stat(c.Path)
	switch {
	case errors.Is(err, exec.ErrDot), errors.Is(err, exec.ErrNotFound) && missing == nil:
		return exitError{exitNotFound, fmt.Errorf("command not found: %s; the file in this folder is %s", name, shellQuote("./"+name))}
	case errors.Is(err, fs.ErrNotExist) && missing == nil:
		return exitError{exitNotFound, fmt.Errorf("%s cannot be started: the program that its first line names is not there", name)}
	case missing == nil && info.IsDir():
		return exitError{exitNotExecutable, fmt.Errorf("%s cannot be started: it is a folder", name)}
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist):
		return exitError{exitNotFound, fmt.Errorf("command not found: %s%s", name, wordsInOne(name))}
	}
	if wrapped := errors.Unwrap(err); wrapped != nil {
		err = wrapped
	}
	return exitError{exitNotExecutable, fmt.Errorf("%s cannot be started: %w%s", name, err, executableHint(err))}
}

// wordsInOne is a hint for who has quoted a whole command line.
func wordsInOne(name string) string {
	switch {
	case strings.ContainsAny(name, "|&;<>$"):
		return fmt.Sprintf("\n  a line of shell:  %s run -- sh -c %s", program, shellQuote(name))
	case strings.Contains(name, " "):
		return fmt.Sprintf("\n  without the quotes:  %s run -- %s", program, name)
	}
	return ""
}

func executableHint(err error) string {
	if errors.Is(err, fs.ErrPermission) {
		return " (is it executable? chmod +x makes it so)"
	}
	return ""
}
