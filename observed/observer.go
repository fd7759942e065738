// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package observed

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	nometric "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/trace"
	notrace "go.opentelemetry.io/otel/trace/noop"

	"nationtech.io/harmony"
	"nationtech.io/harmony/diag"
)

const scope = "nationtech.io/harmony/observed"

// What spans and measurements tell.
const (
	keyName    = attribute.Key("harmony.score.name")
	keyStep    = attribute.Key("harmony.score.step")
	keyOutcome = attribute.Key("harmony.score.outcome")
	keyChanges = attribute.Key("harmony.score.changes")
	keyError   = attribute.Key("error.type") // OpenTelemetry's own word
)

// An Observer takes what is observed. The zero Observer takes nothing. One serves a whole program.
type Observer struct {
	tracer  trace.Tracer
	steps   metric.Int64Counter
	seconds metric.Float64Histogram
}

// NewObserver gives what it takes to these providers; nil is nobody. An error is one of metrics,
// which refused an instrument.
func NewObserver(traces trace.TracerProvider, metrics metric.MeterProvider) (Observer, error) {
	if traces == nil {
		traces = notrace.NewTracerProvider()
	}
	if metrics == nil {
		metrics = nometric.NewMeterProvider()
	}
	meter := metrics.Meter(scope)
	steps, err := meter.Int64Counter("harmony.score.steps",
		metric.WithUnit("{step}"), metric.WithDescription("Steps of Scores that have ended."))
	if err != nil {
		return Observer{}, fmt.Errorf("make the counter of steps: %w", err)
	}
	seconds, err := meter.Float64Histogram("harmony.score.step.duration",
		metric.WithUnit("s"), metric.WithDescription("How long a step of a Score took."),
		// From a look that finds nothing to do to the limit of a placement.
		metric.WithExplicitBucketBoundaries(0.01, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300))
	if err != nil {
		return Observer{}, fmt.Errorf("make the histogram of durations: %w", err)
	}
	return Observer{tracer: traces.Tracer(scope), steps: steps, seconds: seconds}, nil
}

// errPanic stands for the error of a step that never returned one.
var errPanic = errors.New("the step did not return")

// begin opens a step. What is done in it gets the context within, which has its span. end must be called,
// with errPanic when the step panicked; it takes what else there is to tell in the span.
func (o Observer) begin(ctx context.Context, score, step string) (within context.Context, end func(error, ...attribute.KeyValue)) {
	start := time.Now()
	tells := []attribute.KeyValue{keyName.String(score), keyStep.String(step)}
	within, span := o.tracer.Start(ctx, step+" "+score, trace.WithAttributes(tells...))
	return within, func(err error, more ...attribute.KeyValue) {
		outcome, code := verdict(ctx, step, err)
		tells = append(tells, keyOutcome.String(string(outcome)))
		if err != nil {
			tells = append(tells, keyError.String(string(code)))
			span.SetStatus(codes.Error, code.Summary())
		}
		with := metric.WithAttributeSet(attribute.NewSet(tells...))
		o.steps.Add(within, 1, with)
		o.seconds.Record(within, time.Since(start).Seconds(), with)
		span.SetAttributes(append(tells, more...)...)
		// Not deferred by the step itself: End would then recover, and write down what the panic says.
		span.End()
	}
}

// verdict is how a step ended, and the code of its error, as a Report has them.
func verdict(ctx context.Context, step string, err error) (harmony.Standing, diag.Code) {
	switch {
	case err == nil:
		return harmony.Done, ""
	case errors.Is(err, errPanic):
		return harmony.Failed, "panic"
	case errors.Is(ctx.Err(), context.Canceled) && errors.Is(err, context.Canceled):
		return harmony.Interrupted, diag.Interrupted
	}
	if all := harmony.Explain(step, err); len(all) > 0 {
		return harmony.Failed, all[0].Code
	}
	return harmony.Failed, diag.Unexplained
}
