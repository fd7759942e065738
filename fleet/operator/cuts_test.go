// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package operator

import (
	"testing"
	"time"

	"nationtech.io/harmony/fleet/callout"
	"nationtech.io/harmony/fleet/callout/token"
	"nationtech.io/harmony/fleet/issuer"
)

// A calendar is what cuts do as time goes by since it began.
type calendar struct {
	*cuts
	t     *testing.T
	began time.Time
}

func newCalendar(t *testing.T) calendar {
	t.Helper()
	return calendar{newCuts(), t, time.Now()}
}

func (c calendar) at(d time.Duration) time.Time { return c.began.Add(d) }

// due says why the device is cut off then, if it is.
func (c calendar) due(d time.Duration) reason { return c.take(c.at(d))["a"] }

// cut cuts it off, just then and for that reason.
func (c calendar) cut(d time.Duration, why reason) {
	c.t.Helper()
	if early := c.due(d - time.Millisecond); early != "" {
		c.t.Errorf("%s: it is cut off before, as it is %s", d, early)
	}
	taken := c.take(c.at(d))
	if taken["a"] != why {
		c.t.Errorf("%s: it is cut off as it is %q, not %q", d, taken["a"], why)
	}
	c.done(taken, c.at(d), false)
}

// over says that nothing is left.
func (c calendar) over(d time.Duration) {
	c.t.Helper()
	if why := c.due(d); why != "" || len(c.all) != 0 {
		c.t.Errorf("%s: %q, %v", d, why, c.all)
	}
}

func TestWhenARevokedDeviceIsCutOff(t *testing.T) {
	c := newCalendar(t)
	c.revoke("a", c.at(0))
	if c.due(0) != "" {
		t.Error("the callouts are to hear of it first")
	}
	c.done(c.take(c.at(denied)), c.at(denied), true)
	if c.closed("a") || c.due(denied) != "" || c.due(denied+time.Second) != isRevoked {
		t.Error("what failed is tried again")
	}
	c.cut(denied+time.Second, isRevoked)
	if !c.closed("a") {
		t.Error("it was closed")
	}
	c.cut(denied+time.Second+again[0], isRevoked)
	c.heard("a", c.at(5*time.Second))
	c.cut(5*time.Second, isRevoked)
	c.heard("a", c.at(5*time.Second))
	c.cut(6*time.Second, isRevoked)
	c.allow("a")
	c.heard("a", c.at(time.Minute))
	c.over(time.Minute)
}

func TestADeviceThatIsAllowedWhileItIsCutOffIsLeftAlone(t *testing.T) {
	c := newCalendar(t)
	c.revoke("a", c.at(0))
	taken := c.take(c.at(denied))
	c.allow("a")
	c.done(taken, c.at(denied), true)
	c.over(time.Minute)
}

func TestWhenADeviceThatFloodsIsCutOff(t *testing.T) {
	c := newCalendar(t)
	for range 1000 {
		c.flood("a", c.at(0))
	}
	c.cut(0, isNoisy)
	c.flood("a", c.at(cutAgain-1))
	if c.due(cutAgain-1) != "" {
		t.Error("it is cut off too often")
	}
	c.flood("a", c.at(cutAgain))
	c.cut(cutAgain, isNoisy)
	c.over(time.Hour)
}

func TestWhenADeletedDeviceIsCutOff(t *testing.T) {
	c := newCalendar(t)
	c.drop("a", c.at(0))
	for at, n := denied, 0; ; n++ {
		c.cut(at, isDeleted)
		if n == len(again) {
			break
		}
		at += again[n]
	}
	c.over(time.Hour)
}

func TestADeviceThatIsEnrolledAgainIsCutOffOnceForTheOneThatWasDeleted(t *testing.T) {
	c := newCalendar(t)
	c.drop("a", c.at(0))
	c.enrolled("a")
	c.cut(denied, isDeleted)
	c.over(time.Hour)

	c = newCalendar(t)
	c.drop("a", c.at(0))
	c.cut(denied, isDeleted)
	c.enrolled("a")
	c.over(time.Hour)
}

// Nobody can use a token that was given for a key that was taken after that.
func TestADeviceWhoseKeysWereTakenIsCutOffAndOnceMoreWhenItsTokensHaveExpired(t *testing.T) {
	if tokensLive <= issuer.TokenLifetime+token.Skew {
		t.Error("a token may be good for longer")
	}
	if longest := callout.DeviceLifetime * 13 / 10; usersLive <= longest {
		t.Errorf("a connection may stand for %s", longest)
	}
	c := newCalendar(t)
	c.rekey("a", c.at(0))
	c.cut(denied, isRekeyed)
	c.flood("a", c.at(time.Minute))
	c.cut(time.Minute, isNoisy)
	c.cut(tokensLive, isRekeyed)
	c.over(time.Hour)
}

func TestADeviceThatWasRevokedMeanwhileIsCutOffWhenItsTokensHaveExpired(t *testing.T) {
	c := newCalendar(t)
	c.rekey("a", c.at(0))
	c.revoke("a", c.at(time.Second))
	c.cut(time.Second+denied, isRevoked)
	c.allow("a")
	c.cut(tokensLive, isRekeyed)
	c.over(time.Hour)
}
