// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Command thermostat is what the demonstration's device runs: it heats a room that is not there to TARGET °C, and says so.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
)

func main() {
	target, err := strconv.ParseFloat(os.Getenv("TARGET"), 64)
	if err != nil {
		fmt.Fprintln(os.Stderr, "thermostat: TARGET must be a temperature in °C:", err)
		os.Exit(2)
	}
	told := make(chan os.Signal, 1)
	signal.Notify(told, syscall.SIGTERM, syscall.SIGINT)
	room := target - 1
	second := time.NewTicker(time.Second)
	defer second.Stop()
	for {
		fmt.Printf("it is %.1f °C, and shall be %.1f °C\n", room, target)
		select {
		case <-told:
			fmt.Println("heating off")
			return
		case <-second.C:
			room += (target - room) / 4
		}
	}
}
