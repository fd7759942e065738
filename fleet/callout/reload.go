// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package callout

import (
	"context"
	"crypto/sha256"
	"os"

	"nationtech.io/harmony/wait"
)

// reload reads keys. What cannot be read leaves everything as it was.
func (c *Callout) reload() error {
	held := c.held()
	keys, err := ReadKeys(c.config.KeyFiles...)
	if err != nil {
		return err
	}
	c.answerer.keys.Store(&keys)
	c.files = held
	return nil
}

// held is a digest of what the files hold, so that nothing depends on their times.
func (c *Callout) held() string {
	sum := sha256.New()
	for _, file := range c.config.KeyFiles {
		data, err := os.ReadFile(file)
		if err != nil {
			data = []byte(err.Error())
		}
		one := sha256.Sum256(data)
		sum.Write(one[:])
	}
	return string(sum.Sum(nil))
}

// watch reloads what has changed, until the context ends.
func (c *Callout) watch(ctx context.Context) {
	complained := ""
	for wait.Sleep(ctx, reloadEvery) == nil {
		held := c.held()
		if held == c.files || held == complained {
			continue
		}
		if err := c.reload(); err != nil {
			complained = held
			c.metrics.reloads.WithLabelValues("refused").Inc()
			c.log.Error("what has changed cannot be used; what was is kept", "reason", err.Error())
			continue
		}
		c.metrics.reloads.WithLabelValues("done").Inc()
		c.log.Info("keys were read anew")
	}
}
