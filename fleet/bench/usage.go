// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"time"
)

// A usage is the processor time of those who share this machine. The simulator is this process: its devices are no part of what
// is measured, and take what the others lack.
type usage struct{ operator, nats, simulator time.Duration }

// used is what each has used until now.
func (m *measured) used() (u usage, err error) {
	if u.operator, err = m.operator.processor(); err != nil {
		return u, err
	}
	if u.nats, err = m.nats.processor(); err != nil {
		return u, err
	}
	u.simulator, err = processor(os.Getpid())
	return u, err
}

func (u usage) minus(before usage) usage {
	return usage{u.operator - before.operator, u.nats - before.nats, u.simulator - before.simulator}
}

func (u usage) plus(more usage) usage {
	return usage{u.operator + more.operator, u.nats + more.nats, u.simulator + more.simulator}
}

// print prints the mean of so many rounds.
func (u usage) print(name string, rounds int) {
	each := func(d time.Duration) float64 { return d.Seconds() / float64(rounds) }
	fmt.Printf("FIGURE name=%s value=%.3g unit=s rounds=%d operator=%.3gs nats=%.3gs simulator=%.3gs\n",
		name, each(u.operator+u.nats+u.simulator), rounds, each(u.operator), each(u.nats), each(u.simulator))
}
