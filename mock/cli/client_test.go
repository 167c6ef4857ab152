package cli_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/salesos/salesos-mock/mock/internal/contract"
)

// clientProgram is a small client of the API, for the commands that run runs: client [-tries N] METHOD PATH [BODY]. It finds
// the mock as any client of run does, waits as long as Retry-After asks for, and fails at any other answer than 2xx.
func clientProgram() {
	os.Exit(runClient(os.Args[1:]))
}

func runClient(args []string) int {
	code := call(args)
	api, err := url.Parse(os.Getenv("SALESOS_ADMIN_URL"))
	if err != nil || api.Host == "" {
		return code
	}
	// What it and others were answered is held against the mock's OpenAPI document.
	problems, _ := contract.Journal(contract.Address(api.Scheme+"://"+api.Host), contract.New)
	if len(problems) > 0 {
		fmt.Println(strings.Join(problems, "\n"))
		return 99
	}
	return code
}

func call(args []string) int {
	tries := 1
	if args[0] == "-tries" {
		tries, _ = strconv.Atoi(args[1])
		args = args[2:]
	}
	body := strings.Join(args[2:], "")
	for {
		status, text, wait := send(args[0], os.Getenv("SALESOS_API_URL")+args[1], body)
		fmt.Println(status, text)
		if tries--; status < 300 {
			return 0
		}
		if tries == 0 || status != http.StatusServiceUnavailable && status != http.StatusTooManyRequests {
			return 1
		}
		<-time.After(wait)
	}
}

func send(method, url, body string) (status int, text string, wait time.Duration) {
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return 999, err.Error(), 0
	}
	r.Header.Set("X-API-Key", os.Getenv("SALESOS_API_KEY"))
	r.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return 999, err.Error(), 0
	}
	defer response.Body.Close()
	data, _ := io.ReadAll(response.Body)
	seconds, _ := strconv.Atoi(response.Header.Get("Retry-After"))
	return response.StatusCode, string(data[:min(len(data), 60)]), time.Duration(seconds) * time.Second
}
