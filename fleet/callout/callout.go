// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package callout

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"golang.org/x/sync/errgroup"

	"nationtech.io/harmony/fleet/callout/token"
	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/wait"
)

const (
	// queue is the group in which callouts share the questions.
	queue = "callout"
	// reconnectWait is short, so that callouts are back before devices are: a server that asks nobody makes a device wait until
	// it gives up.
	reconnectWait = 50 * time.Millisecond
	// maxPending is how many bytes of questions the client holds before take sees them, which never waits. What it drops is not
	// counted, so that the queue is full long before.
	maxPending = 32 << 20
)

// Callout answers servers.
type Callout struct {
	config   Config
	log      *slog.Logger
	answerer answerer
	metrics  *metrics
	audit    *audit
	waiting  chan waiting
	files    string     // what the files held when they were last read
	conn     *nats.Conn // of Run
	ready    chan struct{}
	readied  sync.Once
}

// waiting is a message, and when it came.
type waiting struct {
	*nats.Msg
	since time.Time
}

// New makes a callout. Its error is a Diagnostic with the code CalloutUnusable.
func New(config Config) (*Callout, error) {
	config, err := config.complete()
	if err != nil {
		return nil, err
	}
	c := &Callout{config: config, log: config.Log, waiting: make(chan waiting, config.Waiting), audit: &audit{log: config.Log}, ready: make(chan struct{})}
	c.answerer.verifier = token.Verifier{
		Keys: &token.Keys{Issuer: config.Issuer, HTTP: config.HTTP}, Audience: config.Audience,
		DeviceClaim: config.DeviceClaim, RolesClaim: config.RolesClaim,
	}
	c.answerer.directory = config.Directory
	if c.metrics, err = newMetrics(func() float64 { return float64(len(c.waiting)) }); err != nil {
		return nil, err
	}
	if err := c.reload(); err != nil {
		return nil, err
	}
	return c, nil
}

// Ready is closed when the callout answers for the first time: before that it does not know the fleet, or no key of the
// provider, and servers ask others.
func (c *Callout) Ready() <-chan struct{} { return c.ready }

// Run answers until the context ends; what waits then is still answered. Its error is a Diagnostic.
func (c *Callout) Run(ctx context.Context) error {
	var err error
	if c.conn, err = c.connect(); err != nil {
		return unusable("nats").Because(err)
	}
	defer c.conn.Close()
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return c.listen(ctx) })
	group.Go(func() error { return c.config.Directory.Run(ctx) })
	group.Go(func() error { c.watch(ctx); return nil })
	group.Go(func() error { return c.serve(ctx, c.conn) })
	return group.Wait()
}

// serve subscribes when the fleet and the provider's keys are known, and answers.
func (c *Callout) serve(ctx context.Context, conn *nats.Conn) error {
	plane, err := c.config.Directory.Known(ctx)
	if err != nil {
		return nil //nolint:nilerr // it was told to stop
	}
	if c.config.Audience == "" {
		c.answerer.verifier.Audience = contract.NATSAudience(plane)
	}
	if !c.learn(ctx) {
		return nil
	}
	sub, err := conn.QueueSubscribe(Subject, queue, c.take)
	if err != nil {
		return unusable("nats").Because(err)
	}
	if err := sub.SetPendingLimits(-1, maxPending); err != nil {
		return unusable("nats").Because(err)
	}
	var workers sync.WaitGroup
	last := make(chan struct{})
	for range c.config.Workers {
		workers.Go(func() { c.workUntil(context.WithoutCancel(ctx), last) })
	}
	if !c.reach(ctx, conn) {
		close(last)
		workers.Wait()
		return nil
	}
	c.readied.Do(func() { close(c.ready) })
	c.log.Info("callout answers", "issuer", c.config.Issuer, "audience", c.answerer.verifier.Audience, "workers", c.config.Workers)
	c.refresh(ctx)
	ended := make(chan struct{})
	sub.SetClosedHandler(func(string) { close(ended) })
	if err := sub.Drain(); err == nil {
		<-ended
	}
	close(last)
	workers.Wait()
	if err := conn.FlushTimeout(longestWait); err != nil {
		c.log.Warn("the last answers may be lost", "reason", err.Error())
	}
	return nil
}

// learn fetches the provider's keys until they are known. It is false when the context ended first.
func (c *Callout) learn(ctx context.Context) bool {
	said := ""
	err := wait.Until(ctx, "the keys of the identity provider", wait.Pace{}, func(ctx context.Context) (string, bool, error) {
		err := c.answerer.verifier.Keys.Fetch(ctx)
		if err == nil {
			return "", true, nil
		}
		if said != err.Error() {
			said = err.Error()
			c.log.Warn("not answering yet", "reason", said)
		}
		return said, false, nil
	})
	return err == nil
}

// reach waits until a server knows that this callout answers. The client tells of no attempt that fails after its dial, as for
// a certificate that is not trusted. It is false when the context ended first.
func (c *Callout) reach(ctx context.Context, conn *nats.Conn) bool {
	said := ""
	err := wait.Until(ctx, "NATS", wait.Pace{}, func(context.Context) (string, bool, error) {
		err := conn.LastError()
		if conn.IsConnected() {
			if err = heard(conn.FlushTimeout(longestWait), conn); err == nil {
				return "", true, nil
			}
		}
		if err != nil && said != err.Error() {
			said = err.Error()
			c.log.Warn("not connected to NATS", "reason", said)
		}
		return said, false, nil
	})
	return err == nil
}

// refresh fetches the provider's keys now and then, until the context ends.
func (c *Callout) refresh(ctx context.Context) {
	for wait.Sleep(ctx, refreshEvery) == nil {
		if err := c.answerer.verifier.Keys.Fetch(ctx); err != nil {
			c.log.Warn("the keys of the identity provider are those from before", "reason", err.Error())
		}
	}
}

// take puts a message where workers find it. It never waits: what cannot be answered in time is dropped at once.
func (c *Callout) take(m *nats.Msg) {
	select {
	case c.waiting <- waiting{m, time.Now()}:
	default:
		c.metrics.dropped.WithLabelValues(droppedFull).Inc()
		c.audit.note("dropped", "why", droppedFull)
	}
}

// workUntil answers until nothing more comes, and then what still waits.
func (c *Callout) workUntil(ctx context.Context, last <-chan struct{}) {
	for {
		select {
		case w := <-c.waiting:
			c.work(ctx, w, time.Now())
			continue
		case <-last:
		}
		select {
		case w := <-c.waiting:
			c.work(ctx, w, time.Now())
		default:
			return
		}
	}
}

func (c *Callout) work(ctx context.Context, w waiting, now time.Time) {
	if now.Sub(w.since) > longestWait {
		c.metrics.dropped.WithLabelValues(droppedLate).Inc()
		c.audit.note("dropped", "why", droppedLate)
		return
	}
	data, o := c.answerer.answer(ctx, message{w.Reply, w.Header.Get(serverKeyHeader), w.Data}, now)
	if o.dropped != nil {
		why := droppedGarbage
		if errors.Is(o.dropped, errLate) {
			why = droppedLate
		}
		c.metrics.dropped.WithLabelValues(why).Inc()
		c.audit.note("dropped", "why", why, "reason", o.dropped.Error())
		return
	}
	if err := w.Respond(data); err != nil {
		c.log.Warn("an answer was not sent", "reason", err.Error())
	}
	c.metrics.seconds.Observe(time.Since(w.since).Seconds())
	verdict := string(o.reason)
	if verdict == "" {
		verdict = "ok"
	}
	c.metrics.verdicts.WithLabelValues(verdict).Inc()
	c.audit.note("connect", "verdict", verdict, "subject", o.who.Subject, "device", o.who.Device.String(), "role", string(o.who.Role),
		"host", o.host, "server", o.server)
}

func (c *Callout) connect() (*nats.Conn, error) {
	options := []nats.Option{
		func(o *nats.Options) error { o.Servers = c.config.NATS.URLs; return nil },
		nats.Name("harmony-fleet-callout"), nats.UserInfoHandler(c.credentials), nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1),
		nats.IgnoreAuthErrorAbort(), nats.ReconnectWait(reconnectWait), nats.ReconnectJitter(reconnectWait, reconnectWait), nats.ReconnectBufSize(-1),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) { c.log.Warn("not connected to NATS", "reason", fmt.Sprint(err)) }),
		nats.ConnectHandler(func(n *nats.Conn) { c.log.Info("connected to NATS", "server", n.ConnectedUrlRedacted()) }),
		nats.ReconnectHandler(func(n *nats.Conn) { c.log.Info("connected to NATS", "server", n.ConnectedUrlRedacted()) }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			c.log.Warn("trouble with NATS", "reason", err.Error())
		}),
	}
	if c.config.NATS.CAFile != "" {
		options = append(options, nats.RootCAs(c.config.NATS.CAFile))
	}
	return nats.Connect("", options...)
}

// credentials are read at every attempt.
func (c *Callout) credentials() (string, string) {
	data, err := os.ReadFile(c.config.NATS.PasswordFile)
	if err != nil {
		c.log.Error("the password of NATS cannot be read", "reason", err.Error())
	}
	return c.config.NATS.User, strings.TrimRight(string(data), "\r\n")
}
