// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package issuer

import (
	"net/netip"
	"sync"
	"time"
)

// maxWatched is how many names and addresses are watched at once. Beyond that, the whole house waits as if it were one.
const maxWatched = 10_000

// longestPause is how long somebody waits at most after they failed too often.
const longestPause = time.Minute

// limiter makes whoever fails too often wait: the first failures are free, and each after that doubles the pause.
type limiter struct {
	mu     sync.Mutex
	failed map[string]failures
}

func newLimiter() *limiter { return &limiter{failed: map[string]failures{}} }

// network is what is watched of an address. Whoever has one of IPv6 has at least 2^64 of them (RFC 6177).
func network(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	if ip = ip.Unmap().WithZone(""); ip.Is4() {
		return ip.String()
	}
	return netip.PrefixFrom(ip, 64).Masked().String()
}

type failures struct {
	count int
	until time.Time // nothing is tried before
}

// pause is how long that key must wait; zero if it need not.
func (l *limiter) pause(key string, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	return max(l.failed[l.slot(key)].until.Sub(now), 0)
}

// note counts a failure of key, of which the first some are free.
func (l *limiter) note(key string, free int, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.prune(now)
	key = l.slot(key)
	f := l.failed[key]
	f.count++
	pause := time.Duration(0)
	for i := free; i <= f.count && pause < longestPause; i++ {
		pause = max(2*pause, time.Second)
	}
	f.until = now.Add(min(pause, longestPause))
	l.failed[key] = f
}

// forget drops what was counted of key: it has shown that it is no guesser.
func (l *limiter) forget(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.failed, key)
}

// slot is the key itself, or that of everybody when too many are watched.
func (l *limiter) slot(key string) string {
	if _, known := l.failed[key]; known || len(l.failed) < maxWatched {
		return key
	}
	return ""
}

// prune drops who has waited long enough that no guesser gains by it.
func (l *limiter) prune(now time.Time) {
	if len(l.failed) < maxWatched {
		return
	}
	for key, f := range l.failed {
		if now.Sub(f.until) > longestPause {
			delete(l.failed, key)
		}
	}
}
