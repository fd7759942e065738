// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package observed_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"nationtech.io/harmony"
	"nationtech.io/harmony/observed"
)

// A lens is an Observer together with all that it has taken.
type lens struct {
	observer observed.Observer
	traces   trace.TracerProvider
	metrics  metric.MeterProvider
	spans    *tracetest.InMemoryExporter
	reader   *sdkmetric.ManualReader
}

func newLens(t *testing.T) *lens {
	t.Helper()
	l := &lens{spans: tracetest.NewInMemoryExporter(), reader: sdkmetric.NewManualReader()}
	l.traces = sdktrace.NewTracerProvider(sdktrace.WithSyncer(l.spans))
	l.metrics = sdkmetric.NewMeterProvider(sdkmetric.WithReader(l.reader))
	var err error
	if l.observer, err = observed.NewObserver(l.traces, l.metrics); err != nil {
		t.Fatal(err)
	}
	return l
}

// ended gives the spans in the order of their ends.
func (l *lens) ended() tracetest.SpanStubs { return l.spans.GetSpans() }

// told is what a span tells besides its name.
func told(s tracetest.SpanStub) map[string]string {
	m := map[string]string{}
	for _, a := range s.Attributes {
		m[string(a.Key)] = a.Value.String()
	}
	return m
}

func (l *lens) collect(t *testing.T) metricdata.ResourceMetrics {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := l.reader.Collect(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// A measured is what was counted and timed of one kind of steps: name, step, outcome and error.
type measured struct {
	Of      string
	Count   int64
	Seconds float64 // in sum
}

func (l *lens) measured(t *testing.T) (all []measured) {
	t.Helper()
	counts, timed := map[string]int64{}, map[string]uint64{}
	for _, s := range l.collect(t).ScopeMetrics {
		for _, m := range s.Metrics {
			switch data := m.Data.(type) {
			case metricdata.Sum[int64]:
				if m.Name != "harmony.score.steps" {
					t.Errorf("a counter %s", m.Name)
				}
				for _, p := range data.DataPoints {
					counts[of(p.Attributes)] = p.Value
				}
			case metricdata.Histogram[float64]:
				if m.Name != "harmony.score.step.duration" || m.Unit != "s" {
					t.Errorf("a histogram %s in %s", m.Name, m.Unit)
				}
				for _, p := range data.DataPoints {
					timed[of(p.Attributes)] = p.Count
					all = append(all, measured{Of: of(p.Attributes), Seconds: p.Sum})
				}
			}
		}
	}
	for i, m := range all {
		if all[i].Count = counts[m.Of]; uint64(counts[m.Of]) != timed[m.Of] {
			t.Errorf("%s: counted %d times, timed %d times", m.Of, counts[m.Of], timed[m.Of])
		}
	}
	slices.SortFunc(all, func(a, b measured) int { return strings.Compare(a.Of, b.Of) })
	return all
}

func of(set attribute.Set) string {
	var words []string
	for _, key := range []attribute.Key{"harmony.score.name", "harmony.score.step", "harmony.score.outcome", "error.type"} {
		v, _ := set.Value(key)
		words = append(words, v.AsString())
	}
	return strings.Join(words, " ")
}

// isSilentOf looks for a text in everything that was taken.
func (l *lens) isSilentOf(t *testing.T, text string) {
	t.Helper()
	if all := fmt.Sprintf("%+v %+v", l.ended(), l.collect(t)); len(l.ended()) == 0 || strings.Contains(all, text) {
		t.Errorf("%q leaves in %s", text, all)
	}
}

func TestAnObserverMayTakeTracesAloneOrMetricsAlone(t *testing.T) {
	for _, only := range []struct{ spans, kinds int }{{spans: 2}, {kinds: 2}} {
		l := newLens(t)
		by, err := observed.NewObserver(nil, l.metrics)
		if only.spans > 0 {
			by, err = observed.NewObserver(l.traces, nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		if _, err := harmony.Deploy(t.Context(), harmony.Place(observed.Score(part{name: "a"}, by)).On(&site{})); err != nil {
			t.Fatal(err)
		}
		if spans, kinds := len(l.ended()), len(l.measured(t)); spans != only.spans || kinds != only.kinds {
			t.Errorf("%+v: got %d spans, %d kinds of steps", only, spans, kinds)
		}
	}
}

func TestTheZeroObserverLeavesAScoreAsItIs(t *testing.T) {
	if _, ok := observed.Score(part{name: "a"}, observed.Observer{}).(part); !ok {
		t.Error("it was wrapped")
	}
}

// A counter cannot be a gauge: a view that asks for it is a mistake of the program, which should hear of it.
func TestAMeterThatRefusesAnInstrumentIsAnError(t *testing.T) {
	for _, name := range []string{"harmony.score.steps", "harmony.score.step.duration"} {
		metrics := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewManualReader()), sdkmetric.WithView(
			sdkmetric.NewView(sdkmetric.Instrument{Name: name}, sdkmetric.Stream{Aggregation: sdkmetric.AggregationLastValue{}})))
		if _, err := observed.NewObserver(nil, metrics); err == nil {
			t.Errorf("%s: nothing was said", name)
		}
	}
}
