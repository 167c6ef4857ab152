package mock_test

import (
	"io"
	"net"
	"net/http"
	"testing"
	"strconv"

	"github.com/labstack/echo/v4"
	"github.com/salesos/salesos-mock/mock"
)

func hammer(b *testing.B, h http.Handler, path string, key string) {
	l, _ := net.Listen("tcp", "127.0.0.1:0")
	srv := &http.Server{Handler: h}
	go srv.Serve(l)
	defer srv.Close()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		c := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 4, DisableCompression: true}}
		for pb.Next() {
			r, _ := http.NewRequest("GET", "http://"+l.Addr().String()+path, nil)
			r.Header.Set("X-API-Key", key)
			res, err := c.Do(r)
			if err != nil { b.Fatal(err) }
			io.Copy(io.Discard, res.Body)
			res.Body.Close()
			if res.StatusCode != 200 { b.Fatal(res.StatusCode) }
		}
	})
}
func BenchmarkX(b *testing.B) {
	m, _ := mock.New()
	h := m.Handler()
	for _, p := range []string{"/api/leads/"+adaID, "/api/leads?limit=20"} {
		rec := &recorder{h: http.Header{}}
		r, _ := http.NewRequest("GET", p, nil)
		r.Header.Set("X-API-Key", m.APIKey())
		h.ServeHTTP(rec, r)
		body := rec.b
		e := echo.New()
		e.GET("/*", func(c echo.Context) error {
			c.Response().Header().Set("Content-Length", strconv.Itoa(len(body)))
			return c.Blob(200, "application/json; charset=utf-8", body) })
		for range 2 {
		b.Run("floor"+p, func(b *testing.B) { hammer(b, e, p, m.APIKey()) })
		b.Run("mock"+p, func(b *testing.B) { hammer(b, h, p, m.APIKey()) })
		}
	}
}
type recorder struct { h http.Header; b []byte }
func (r *recorder) Header() http.Header { return r.h }
func (r *recorder) WriteHeader(int) {}
func (r *recorder) Write(p []byte) (int, error) { r.b = append(r.b, p...); return len(p), nil }
