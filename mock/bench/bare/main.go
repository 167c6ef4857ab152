// Command bare is the floor of the benchmarks: an Echo server that does nothing but write bytes which it has read
// before it listens. What any server over Echo costs, it costs too. Package bench builds and starts it.
//
//	bare 127.0.0.1:4100 /api/leads=list.json /api/leads/1=lead.json
package main

import (
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
)

func main() {
	if err := serve(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "bare:", err)
		os.Exit(1)
	}
}

// serve answers each path with the content of its file.
func serve(address string, answers []string) error {
	e := echo.New()
	e.HideBanner = true // the line that says where it listens remains: whoever started it waits for that
	for _, answer := range answers {
		path, file, _ := strings.Cut(answer, "=")
		body, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		length := strconv.Itoa(len(body)) // else net/http would send a long body in chunks, which costs more
		e.GET(path, func(c echo.Context) error {
			c.Response().Header().Set(echo.HeaderContentLength, length)
			return c.Blob(http.StatusOK, "application/json; charset=utf-8", body)
		})
	}
	return e.Start(address)
}
