// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package observed_test

import (
	"context"
	"fmt"

	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"nationtech.io/harmony"
	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/observed"
)

func ExampleScore() {
	ctx, score, place := context.Background(), part{name: "web", smokes: diag.New(diag.NobodyAnswered)}, &site{}
	spans, reader := tracetest.NewInMemoryExporter(), sdkmetric.NewManualReader()

	traces := sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans))
	metrics := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	observer, err := observed.NewObserver(traces, metrics)
	if err != nil {
		fmt.Println(err)
		return
	}
	placement := harmony.Place(observed.Score(score, observer)).On(place)

	_, err = harmony.Deploy(ctx, placement)
	fmt.Println(err)
	for _, span := range spans.GetSpans() {
		fmt.Println(span.Name, told(span)["harmony.score.outcome"])
	}
	// Output:
	// deploy: 1 failed
	// web: smoke test: HRM0502: the component stands, but no one answered its smoke test (web)
	// interpret web done
	// smoke test web failed
}
