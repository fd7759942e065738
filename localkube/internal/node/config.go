// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package node

import (
	"bufio"
	"encoding/json"
	"os"

	"nationtech.io/harmony/localkube/internal/fault"
	"nationtech.io/harmony/localkube/internal/state"
)

// Config is what the supervisor tells a node.
type Config struct {
	Cluster  state.Cluster     `json:"cluster"`
	Spec     state.Spec        `json:"spec"`
	Index    int               `json:"index"`    // of this node
	Programs map[string]string `json:"programs"` // directories of programs on the host, by their name in the node
}

// Name is the node's name.
func (c Config) Name() string { return c.Spec.Nodes[c.Index] }

// File descriptors that the supervisor hands to a node.
const (
	ordersFD  = 3 // supervisor to node: the Config, then a line when the link is plugged in
	reportsFD = 4 // node to supervisor: a Report a line
)

// readConfig reads the configuration and gives the reader for what follows.
func readConfig(orders *os.File) (Config, *bufio.Reader, error) {
	reader := bufio.NewReader(orders)
	var c Config
	line, err := reader.ReadBytes('\n')
	if err != nil {
		return c, nil, fault.Wrap(fault.Start, err, "read the node's configuration")
	}
	if err := json.Unmarshal(line, &c); err != nil {
		return c, nil, fault.Wrap(fault.Start, err, "read the node's configuration")
	}
	return c, reader, nil
}
