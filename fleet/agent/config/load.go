// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package config

import (
	"errors"
	"io/fs"
	"log/slog"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/secret"
)

// Load reads and checks the configuration in a file. Its error is an *Error.
func Load(file string) (Config, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return Config{}, &Error{file, []Finding{{0, "cannot be read: " + reason(err)}}, err}
	}
	d, broken := parse(data)
	if broken != nil {
		return Config{}, &Error{File: file, Findings: []Finding{*broken}}
	}
	c := d.config(file)
	d.unknown()
	if len(d.findings) > 0 {
		return Config{}, &Error{File: file, Findings: d.sorted()}
	}
	return c, nil
}

func (d *document) config(file string) Config {
	c := Config{
		Device: d.device(), Plane: d.plane(), HeartbeatInterval: d.heartbeat(),
		NATS: d.nats(), HealthListen: d.health(), Log: d.log(), Runtime: d.runtime(), Labels: d.labels(),
	}
	d.login(&c, file)
	return c
}

func (d *document) device() contract.DeviceID {
	text, ok := d.text("device")
	if !ok {
		d.required("device", "the name of this device")
		return contract.DeviceID{}
	}
	id, err := contract.ParseDeviceID(text)
	if err != nil {
		d.found("device", "device: %v", err)
	}
	return id
}

func (d *document) plane() contract.PlaneID {
	text, ok := d.text("plane")
	if !ok {
		return contract.PlaneID{}
	}
	id, err := contract.ParsePlaneID(text)
	if err != nil {
		d.found("plane", "plane: %v", err)
	}
	return id
}

func (d *document) heartbeat() time.Duration {
	text, ok := d.text("heartbeat_interval")
	if !ok {
		return defaultHeartbeat
	}
	interval, err := time.ParseDuration(text)
	if err != nil || interval < minHeartbeat || interval > maxHeartbeat {
		d.found("heartbeat_interval", "heartbeat_interval = %q: a duration such as \"10s\", from %s to %s", text, minHeartbeat, maxHeartbeat)
	}
	return interval
}

func (d *document) nats() NATS {
	var n NATS
	list, _ := take[[]any](d, "nats.urls", "a list of texts")
	for _, item := range list {
		text, _ := item.(string)
		u, err := url.Parse(text)
		switch {
		case strings.Contains(text, "@"): // and it is not repeated here
			d.found("nats.urls", "nats.urls: a URL holds no credentials; put them under [credentials]")
		case err != nil || u.Hostname() == "" || !slices.Contains([]string{"nats", "tls", "ws", "wss"}, u.Scheme):
			d.found("nats.urls", "nats.urls: %q is no URL such as \"nats://host:4222\" or \"tls://host:4222\"", text)
		default:
			n.URLs = append(n.URLs, text)
		}
	}
	if _, given := d.values["nats.urls"]; !given || (list != nil && len(list) == 0) {
		d.found("nats.urls", "nats.urls is required: where the fleet's NATS is, such as [\"tls://nats.example.com:4222\"]")
	}
	n.CAFile = d.readable("nats.ca_file")
	n.ReconnectSpread = d.spread()
	return n
}

func (d *document) spread() time.Duration {
	text, ok := d.text("nats.reconnect_spread")
	if !ok {
		return 0
	}
	spread, err := time.ParseDuration(text)
	if err != nil || spread < 0 || spread > maxSpread {
		d.found("nats.reconnect_spread", "nats.reconnect_spread = %q: a duration such as \"8s\", at most %s", text, maxSpread)
	}
	return spread
}

func (d *document) readable(name string) string {
	file, ok := d.text(name)
	if !ok || file == "" {
		return ""
	}
	if _, err := os.ReadFile(file); err != nil {
		d.found(name, "%s = %q: %s", name, file, reason(err))
	}
	return file
}

const (
	userPass   = "user-pass"
	jwtProfile = "jwt-profile"
)

// login reads the fields of the type of credentials that is given. Those of the other are unknown then: nothing is taken
// for something weaker than it was meant as.
func (d *document) login(c *Config, file string) {
	kind, ok := d.text("credentials.type")
	types := []string{userPass, jwtProfile}
	switch {
	case !ok:
		d.required("credentials.type", `"user-pass" or "jwt-profile"`)
	case !slices.Contains(types, kind):
		d.found("credentials.type", "credentials.type = %q is not known%s (known: %q, %q)", kind, meant(kind, types), userPass, jwtProfile)
	}
	if kind == jwtProfile {
		c.Profile = d.profile()
		return
	}
	c.Credentials = d.userPass(file)
}

func (d *document) userPass(file string) UserPass {
	u := UserPass{}
	var ok bool
	if u.User, ok = d.text("credentials.user"); !ok || u.User == "" {
		d.required("credentials.user", "the name of the NATS user")
	}
	password, inline := d.text("credentials.password")
	u.password = secret.New(password)
	u.passwordFile, _ = d.text("credentials.password_file")
	switch {
	case inline && u.passwordFile != "":
		d.found("credentials.password_file", "credentials: give password or password_file, not both")
	case inline:
		d.private("credentials.password", file)
	case u.passwordFile != "":
		if _, err := u.read(); err != nil {
			d.found("credentials.password_file", "credentials.password_file: %v", err)
		}
	default:
		d.required("credentials.password_file", "a file that holds the password")
	}
	return u
}

// private makes sure that a configuration that holds a password is not open to others.
func (d *document) private(name, file string) {
	if err := checkPrivate(file); err != nil {
		d.found(name, "credentials.password stands in this file: %v; or use password_file", err)
	}
}

func (d *document) health() string {
	address, ok := d.text("health.listen")
	if !ok {
		return defaultHealth
	}
	if _, _, err := net.SplitHostPort(address); address != "" && err != nil {
		d.found("health.listen", "health.listen = %q: host:port such as %q, or \"\" for none", address, defaultHealth)
	}
	return address
}

func (d *document) log() Log {
	var l Log
	if text, ok := d.text("log.level"); ok {
		levels := []string{"debug", "info", "warn", "error"}
		if !slices.Contains(levels, text) || l.Level.UnmarshalText([]byte(text)) != nil {
			d.found("log.level", "log.level = %q is not known%s (known: %s)", text, meant(text, levels), strings.Join(levels, ", "))
		}
	} else {
		l.Level = slog.LevelInfo
	}
	if text, ok := d.text("log.format"); ok {
		l.JSON = text == "json"
		if !l.JSON && text != "text" {
			d.found("log.format", "log.format = %q is not known%s (known: text, json)", text, meant(text, []string{"text", "json"}))
		}
	}
	return l
}

// required reports a name that is absent; one of a wrong type has been reported already.
func (d *document) required(name, what string) {
	if value, given := d.values[name]; !given || value == "" {
		d.found(name, "%s is required: %s", name, what)
	}
}

// reason is what went wrong with a file, without its name.
func reason(err error) string {
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}
