// Package clients proves the mock with the clients that front-end developers really use: here, a browser. It holds
// tests alone; README.md beside it says what each of them needs.
package clients
