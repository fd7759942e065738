// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package callout

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are what the callout counts for Prometheus.
type metrics struct {
	registry *prometheus.Registry
	verdicts *prometheus.CounterVec
	dropped  *prometheus.CounterVec
	seconds  prometheus.Histogram
	reloads  *prometheus.CounterVec
}

// What becomes of a message that is not answered.
const (
	droppedGarbage = "garbage" // it is no question of a server
	droppedFull    = "full"    // too many are waiting
	droppedLate    = "late"    // it has waited for too long
)

func newMetrics(waiting func() float64) (*metrics, error) {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		verdicts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "harmony_callout_verdicts_total", Help: "Connections that were decided about, by reason; those that were let in have the reason ok.",
		}, []string{"reason"}),
		dropped: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "harmony_callout_dropped_total", Help: "Messages that were not answered, by why.",
		}, []string{"why"}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "harmony_callout_seconds", Help: "How long an answer took, waiting included.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5},
		}),
		reloads: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "harmony_callout_reloads_total", Help: "Times that keys were read anew, by what came of it.",
		}, []string{"result"}),
	}
	queue := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "harmony_callout_waiting", Help: "Questions that wait for an answer."}, waiting)
	for _, c := range []prometheus.Collector{m.verdicts, m.dropped, m.seconds, m.reloads, queue} {
		if err := m.registry.Register(c); err != nil {
			return nil, unusable("metrics").Because(err)
		}
	}
	return m, nil
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
