// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package apiservertest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	fleet "nationtech.io/harmony/fleet/api/v1alpha1"
)

func answer(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(v) // whoever asked has gone
}

func (s *Server) serveFleet(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	plane := s.plane
	s.mu.Unlock()
	if plane == "" {
		answer(w, http.StatusNotFound, metav1.Status{
			TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Status"}, Status: metav1.StatusFailure, Reason: metav1.StatusReasonNotFound, Code: http.StatusNotFound,
		})
		return
	}
	answer(w, http.StatusOK, fleet.FleetState{
		TypeMeta:   metav1.TypeMeta{APIVersion: fleet.GroupVersion.String(), Kind: "FleetState"},
		ObjectMeta: metav1.ObjectMeta{Namespace: Namespace, Name: fleet.FleetStateName, UID: types.UID(plane)},
	})
}

func (s *Server) serveDevices(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	of, selected := strings.CutPrefix(q.Get("fieldSelector"), "spec.fleet=")
	if !selected {
		http.Error(w, "those of one fleet are to be asked for", http.StatusForbidden)
		return
	}
	if q.Get("watch") == "true" || q.Get("watch") == "1" {
		s.watch(w, r, of)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	all := fleet.DeviceList{TypeMeta: metav1.TypeMeta{APIVersion: fleet.GroupVersion.String(), Kind: "DeviceList"}, Items: s.of(of)}
	all.ResourceVersion = fmt.Sprint(len(s.events))
	answer(w, http.StatusOK, all)
}

func (s *Server) of(name string) (all []fleet.Device) {
	for _, d := range s.devices {
		if d.Spec.Fleet == name {
			all = append(all, d)
		}
	}
	return all
}

// watch tells what has happened since the version that is asked for; where the initial events are asked for, it begins with
// all there is, and says where that ends.
func (s *Server) watch(w http.ResponseWriter, r *http.Request, of string) {
	w.Header().Set("Content-Type", "application/json")
	say := func(kind string, d fleet.Device) {
		_ = json.NewEncoder(w).Encode(map[string]any{"type": kind, "object": d}) // whoever asked has gone
	}
	defer context.AfterFunc(r.Context(), func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.changed.Broadcast()
	})()
	s.mu.Lock()
	defer s.mu.Unlock()
	from, _ := strconv.Atoi(r.URL.Query().Get("resourceVersion"))
	if r.URL.Query().Get("sendInitialEvents") == "true" {
		for _, d := range s.of(of) {
			say("ADDED", d)
		}
		from = len(s.events)
		end := fleet.Device{TypeMeta: metav1.TypeMeta{APIVersion: fleet.GroupVersion.String(), Kind: "Device"}}
		end.ResourceVersion, end.Annotations = fmt.Sprint(from), map[string]string{metav1.InitialEventsAnnotationKey: "true"}
		say("BOOKMARK", end)
	}
	for r.Context().Err() == nil {
		for ; from < len(s.events); from++ {
			if e := s.events[from]; e.device.Spec.Fleet == of {
				say(e.kind, e.device)
			}
		}
		if flush, ok := w.(http.Flusher); ok {
			flush.Flush()
		}
		s.changed.Wait()
	}
}
