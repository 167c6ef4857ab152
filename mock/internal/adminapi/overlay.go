package adminapi

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"github.com/salesos/salesos-mock/mock/internal/adminapi/overlay"
	"github.com/salesos/salesos-mock/mock/internal/apierror"
	"github.com/salesos/salesos-mock/mock/internal/operation"
	"github.com/salesos/salesos-mock/mock/internal/outcome"
	"github.com/salesos/salesos-mock/mock/internal/session"
)

// overlay serves the script that a page of another origin loads (control.md section 6): the one thing here that every page may
// have. It is made anew each time, since the routes follow the files.
func (a *API) overlay(c echo.Context) error {
	script, err := overlay.Script(a.overlayServer(origin(c)))
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	return c.Blob(http.StatusOK, "text/javascript; charset=utf-8", script)
}

func (a *API) overlayServer(origin string) overlay.Server {
	s := overlay.Server{Origin: origin, API: a.options.APIURL(origin, session.Default), Faults: outcome.FaultNames()}
	for _, entry := range apierror.Catalogue() {
		s.Errors = append(s.Errors, overlay.Error{Name: entry.Name, Status: entry.Error.Status, Retries: entry.Error.RetryAfter != ""})
	}
	for _, o := range a.options.Sessions.Generation().Operations.All() {
		s.Routes = append(s.Routes, overlay.Route{Method: o.Method, Path: o.Path, Errors: fitting(o)})
	}
	return s
}

// fitting lists the documented errors that fit an operation.
func fitting(o *operation.Operation) []apierror.Name {
	var names []apierror.Name
	for _, entry := range apierror.Catalogue() {
		if o.Fits(entry.Name) {
			names = append(names, entry.Name)
		}
	}
	return names
}
