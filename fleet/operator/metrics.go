// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"
	registry "sigs.k8s.io/controller-runtime/pkg/metrics"
)

// metrics are what the operator counts for Prometheus, beside what controller-runtime counts.
type metrics struct {
	messages *prometheus.CounterVec
	written  prometheus.Counter
	patches  prometheus.Counter
	cut      prometheus.Counter
	all      []prometheus.Collector
}

func newMetrics(o *operator) *metrics {
	m := &metrics{
		messages: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "harmony_fleet_messages_total", Help: "Messages of devices, by kind and by what became of them.",
		}, []string{"kind", "verdict"}),
		written: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "harmony_fleet_manifests_written_total", Help: "Manifests that were written and acknowledged.",
		}),
		patches: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "harmony_fleet_status_patches_total", Help: "Writes of the status of a Deployment.",
		}),
	}
	m.cut = prometheus.NewCounter(prometheus.CounterOpts{
		Name: "harmony_fleet_connections_closed_total", Help: "Connections that were closed, of devices that are revoked or deleted, have lost a key, or flood.",
	})
	gauge := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "harmony_fleet_" + name, Help: help}, value)
	}
	m.all = []prometheus.Collector{
		m.messages, m.written, m.patches, m.cut,
		gauge("devices", "Devices that are enrolled.", func() float64 { return float64(o.state.Summary().Devices) }),
		gauge("devices_revoked", "Devices that are not let in.", func() float64 { return float64(o.state.Summary().Revoked) }),
		gauge("devices_online", "Devices that are heard of.", func() float64 { return float64(o.state.Summary().Online) }),
		gauge("devices_unacknowledged", "Devices that are online and have not acknowledged their manifest.", func() float64 {
			return float64(o.state.Summary().Unacknowledged)
		}),
		gauge("term", "The term in which this process leads; 0 when it does not.", func() float64 { return float64(o.state.Order().Term) }),
		gauge("converged", "1 when this process leads and has heard of the devices.", func() float64 {
			if o.leading.Load() && o.converged.Load() {
				return 1
			}
			return 0
		}),
	}
	return m
}

func (m *metrics) register() error {
	for _, c := range m.all {
		if err := registry.Registry.Register(c); err != nil {
			return fmt.Errorf("count for Prometheus: %w", err)
		}
	}
	return nil
}
