// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package supervisor

import (
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"os"
	"time"

	"nationtech.io/harmony/localkube/internal/fault"
)

// listen serves orders on the cluster's socket, which only its owner may use.
func (s *Supervisor) listen() (*http.Server, error) {
	path, closeDir, err := socketPath(s.cluster.Socket())
	if err != nil {
		return nil, err
	}
	defer closeDir()
	_ = os.Remove(s.cluster.Socket()) // of a supervisor that was killed: we hold its lock
	listener, err := new(net.ListenConfig).Listen(s.ctx, "unix", path)
	if err != nil {
		return nil, fault.Wrap(fault.Start, err, "listen on %s", s.cluster.Socket())
	}
	listener.(*net.UnixListener).SetUnlinkOnClose(false)
	server := &http.Server{Handler: s.handler(), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = server.Serve(listener) }()
	return server, nil
}

func (s *Supervisor) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /status", s.getStatus)
	mux.HandleFunc("POST /ready", func(w http.ResponseWriter, _ *http.Request) {
		s.mu.Lock()
		s.ready = true
		s.mu.Unlock()
	})
	mux.HandleFunc("POST /grow", func(w http.ResponseWriter, _ *http.Request) { answer(w, s.grow()) })
	mux.HandleFunc("POST /stop", func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		s.discard = r.URL.Query().Has("discard")
		s.mu.Unlock()
		s.end()
	})
	mux.HandleFunc("POST /nodes/{node}/{action}", s.nodeAction)
	return mux
}

func (s *Supervisor) getStatus(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	status := Status{PID: os.Getpid(), Since: s.since, Ready: s.ready}
	machines := s.machines
	s.mu.Unlock()
	for _, m := range machines {
		n, _, _ := m.snapshot()
		status.Nodes = append(status.Nodes, n)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(status)
}

func (s *Supervisor) nodeAction(w http.ResponseWriter, r *http.Request) {
	m, err := s.machine(r.PathValue("node"))
	if err != nil {
		answer(w, err)
		return
	}
	s.unready()
	switch r.PathValue("action") {
	case "start":
		err = m.start()
	case "stop":
		m.stop(false)
	case "kill":
		m.stop(true)
	case "partition":
		err = m.cut(true)
	case "heal":
		err = m.cut(false)
	default:
		http.NotFound(w, r)
		return
	}
	answer(w, err)
}

// refusal is the body of an answer that is not 200.
type refusal struct {
	Kind    fault.Kind `json:"kind"`
	Message string     `json:"message"`
}

func answer(w http.ResponseWriter, err error) {
	if err == nil {
		return
	}
	body := refusal{Kind: fault.Failed, Message: err.Error()}
	if f, ok := errors.AsType[*fault.Error](err); ok {
		body.Kind = f.Kind
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusConflict)
	_ = json.NewEncoder(w).Encode(body)
}
