// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package config_test

import (
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nationtech.io/harmony/fleet/agent/config"
)

func write(t *testing.T, dir, name, text string, mode os.FileMode) string {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, mode); err != nil { // whatever the umask is
		t.Fatal(err)
	}
	return file
}

const least = `device = "press-07"
[nats]
urls = ["nats://127.0.0.1:4222"]
[credentials]
type = "user-pass"
user = "press-07"
password = "p"
`

func TestLeastConfigurationHasDefaults(t *testing.T) {
	c, err := config.Load(write(t, t.TempDir(), "agent.toml", least, 0o600))
	if err != nil {
		t.Fatal(err)
	}
	password, err := c.Credentials.Password()
	if err != nil || password.Reveal() != "p" || c.Credentials.User != "press-07" {
		t.Errorf("%v, %v", c.Credentials, err)
	}
	if c.Device.String() != "press-07" || !c.Plane.IsZero() || c.HeartbeatInterval != 10*time.Second || c.HealthListen != "127.0.0.1:8787" || c.Log.Level != slog.LevelInfo || c.Log.JSON {
		t.Errorf("%+v", c)
	}
}

func TestExampleIsValid(t *testing.T) {
	dir := t.TempDir()
	password := write(t, dir, "password", "p\n", 0o400)
	ca := write(t, dir, "ca.pem", "", 0o644)
	text := strings.NewReplacer("/etc/harmony-fleet-agent/password", password, "/etc/harmony-fleet-agent/ca.pem", ca, "/etc/harmony-fleet-agent/registry-password", password, "\n# ", "\n").Replace(config.Example)
	c, err := config.Load(write(t, dir, "agent.toml", text, 0o644))
	if err != nil {
		t.Fatal(err)
	}
	registry, known := c.Runtime.Registries["registry.example.com"]
	if got, err := registry.Password(); !known || err != nil || got.Reveal() != "p" || registry.User != "press-07" {
		t.Errorf("registries %+v, %v", c.Runtime.Registries, err)
	}
	if c.NATS.CAFile != ca || c.NATS.ReconnectSpread != 8*time.Second || c.Plane.IsZero() || len(c.Labels) != 1 || c.Runtime.Enabled || c.Runtime.StateDir != "/var/lib/harmony-fleet-agent" {
		t.Errorf("%+v", c)
	}
}

func TestEverythingThatIsWrongIsFoundAtOnce(t *testing.T) {
	text := `devices = "press-07"
plane = "prod"
heartbeat_interval = "10"
runtime_enabled = "yes"
log = { level = "inof", format = 3 }
[nats]
urls = ["http://x", 4, "nats://u:topsecret@h:bad"]
ca_file = "/does/not/exist"
heartbeat_interval = "10s"
[credentials]
type = "userpass"
user = ""
password = "topsecret"
passwrd_file = "y"
[health]
listen = "8080"
[x]
[runtime]
state_dir = "state"
exec_allow = ["ls"]
[registries."a.example"]
user = "u"
[labels]
site = "a b"`
	_, err := config.Load(write(t, t.TempDir(), "agent.toml", text, 0o644))
	var e *config.Error
	if !errors.As(err, &e) {
		t.Fatal(err)
	}
	got := strings.ReplaceAll(err.Error(), filepath.Dir(e.File)+"/", "")
	want := `agent.toml: device is required: the name of this device
agent.toml:1: unknown field "devices", did you mean "device"?
agent.toml:2: plane: "prod" is no plane id: a UUID in lower case, as 8-4-4-4-12 hexadecimal digits
agent.toml:3: heartbeat_interval = "10": a duration such as "10s", from 100ms to 5m0s
agent.toml:4: runtime_enabled must be true or false
agent.toml:5: log.level = "inof" is not known, did you mean "info"? (known: debug, info, warn, error)
agent.toml:5: log.format must be a text in quotes
agent.toml:7: nats.urls: "http://x" is no URL such as "nats://host:4222" or "tls://host:4222"
agent.toml:7: nats.urls: "" is no URL such as "nats://host:4222" or "tls://host:4222"
agent.toml:7: nats.urls: a URL holds no credentials; put them under [credentials]
agent.toml:8: nats.ca_file = "/does/not/exist": no such file or directory
agent.toml:9: unknown field "nats.heartbeat_interval", did you mean "heartbeat_interval"?
agent.toml:11: credentials.type = "userpass" is not known, did you mean "user-pass"? (known: "user-pass", "jwt-profile")
agent.toml:12: credentials.user is required: the name of the NATS user
agent.toml:13: credentials.password stands in this file: agent.toml: is open to others (mode 0644); chmod o= it, or give the Secret's volume defaultMode 0440; or use password_file
agent.toml:14: unknown field "credentials.passwrd_file", did you mean "credentials.password_file"?
agent.toml:16: health.listen = "8080": host:port such as "127.0.0.1:8787", or "" for none
agent.toml:17: unknown field "x"
agent.toml:19: runtime.state_dir = "state": an absolute path
agent.toml:20: runtime.exec_allow: "ls" is no absolute path of a program
agent.toml:21: registries.a.example.password_file is required: a file that holds the password
agent.toml:24: labels.site = "a b": name and value have 63 letters, digits, '-', '_' and '.' at most`
	if got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
	if strings.Contains(got, "topsecret") {
		t.Error("the password is shown")
	}
}

func TestASpreadHasABound(t *testing.T) {
	for _, spread := range []string{"1h", "-1s", "8"} {
		text := strings.Replace(least, "[nats]\n", "[nats]\nreconnect_spread = \""+spread+"\"\n", 1)
		if _, err := config.Load(write(t, t.TempDir(), "agent.toml", text, 0o600)); err == nil || !strings.Contains(err.Error(), "a duration such as \"8s\", at most 10m0s") {
			t.Errorf("%s: %v", spread, err)
		}
	}
}

func TestFilesThatCannotBeParsed(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"syntax":        {"device = \"a\"\n= 3\n", "agent.toml:2: "},
		"a field twice": {"device = \"a\"\ndevice = \"b\"\n", "agent.toml:2: "},
		"binary":        {"\x00\xff", "agent.toml:1: "},
		"empty":         {"", "credentials.type is required"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := config.Load(write(t, t.TempDir(), "agent.toml", c.text, 0o600))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	if _, err := config.Load(filepath.Join(t.TempDir(), "none.toml")); err == nil || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestPasswordFile(t *testing.T) {
	for _, c := range []struct {
		name, text string
		mode       os.FileMode
		want       string // "" when accepted
	}{
		{"for the owner", "p\n", 0o400, ""},
		{"for the owner and the group, as fsGroup makes it", "p", 0o440, ""},
		{"readable by others", "p", 0o444, "is open to others (mode 0444)"},
		{"a Secret's volume without defaultMode", "p", 0o644, "is open to others (mode 0644)"},
		{"writable by others", "p", 0o602, "is open to others (mode 0602)"},
		{"empty", "\n", 0o400, "is empty"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			// As the kubelet mounts it: password -> ..data/password, ..data -> ..2026_…
			if err := os.Mkdir(filepath.Join(dir, "..2026"), 0o777); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, "..2026"), "password", c.text, c.mode)
			for link, to := range map[string]string{"..data": "..2026", "password": "..data/password"} {
				if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
					t.Fatal(err)
				}
			}
			file := filepath.Join(dir, "password")
			loaded, err := config.Load(write(t, dir, "agent.toml", strings.Replace(least, `password = "p"`, `password_file = "`+file+`"`, 1), 0o644))
			if c.want != "" {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Fatalf("got %v, want %q", err, c.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if password, err := loaded.Credentials.Password(); err != nil || password.Reveal() != "p" {
				t.Error(err)
			}
		})
	}
}

func TestPasswordFileIsReadAnew(t *testing.T) {
	dir := t.TempDir()
	file := write(t, dir, "password", "old", 0o600)
	c, err := config.Load(write(t, dir, "agent.toml", strings.Replace(least, `password = "p"`, `password_file = "`+file+`"`, 1), 0o644))
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "password", "new", 0o600)
	if password, err := c.Credentials.Password(); err != nil || password.Reveal() != "new" {
		t.Error(err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Credentials.Password(); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add([]byte(config.Example))
	f.Add([]byte(least))
	f.Add([]byte("[[nats]]\na.b.c = 1\n[nats.urls]\n"))
	f.Add([]byte(withKey + "key_file = \"/none\"\n[registries.\"r.example\"]\nuser = \"u\"\n"))
	f.Add([]byte("nats.reconnect_spread = \"-1s\"\nlabels = 7\nruntime.exec_allow = [1, \"x\"]\n"))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, data []byte) {
		file := filepath.Join(dir, "agent.toml")
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := config.Load(file)
		var e *config.Error
		if err == nil && (c.Device.IsZero() || len(c.NATS.URLs) == 0 || c.Profile == nil && c.Credentials.User == "" || c.Profile != nil && c.Profile.Issuer == "") {
			t.Fatalf("accepted %+v", c)
		}
		if err != nil && (!errors.As(err, &e) || len(e.Findings) == 0) {
			t.Fatalf("%v has no findings", err)
		}
	})
}
