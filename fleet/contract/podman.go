// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package contract

import "time"

// The bounds of a Podman.
const (
	maxContainers  = 32 // services, and init containers
	maxList        = 64 // of args, env, ports or volumes of one container
	maxArg         = 4096
	maxImage       = 512
	maxPath        = 1024
	maxMemoryMiB   = 1 << 20     // 1 TiB
	maxCPUMillis   = 1024 * 1000 // 1024 processors
	maxGrace       = 600         // seconds
	maxInitTimeout = 3600        // seconds
	maxProbe       = 3600        // seconds
	defaultGrace   = 10
	defaultInit    = 300
)

// Podman is the data of a release of type PodmanV0: what podman runs on a device.
type Podman struct {
	// Services run side by side: 1 to 32, each name once among services and init containers.
	Services []Container `json:"services"`
	// InitContainers run to their end one after the other, on every new release, before the services are started.
	// They have no ports, no restart policy and no health check.
	InitContainers []Container `json:"initContainers,omitempty"`
	// InitTimeoutSeconds bounds each init container: 300 when zero, 3600 at most.
	InitTimeoutSeconds int `json:"initTimeoutSeconds,omitempty"`
}

// InitTimeout is how long one init container may take.
func (p Podman) InitTimeout() time.Duration { return seconds(p.InitTimeoutSeconds, defaultInit) }

// A Container is one container of a workload.
type Container struct {
	// Name is an RFC 1123 label.
	Name string `json:"name"`
	// Image is its reference with registry, such as "registry.example.com/shop/web:1.2" or with a digest.
	Image string `json:"image"`
	// PullPolicy is Missing when empty.
	PullPolicy PullPolicy `json:"pullPolicy,omitempty"`
	// Command replaces the image's entry point, and Args its command.
	Command []string `json:"command,omitempty"`
	Args    []string `json:"args,omitempty"`
	Env     []EnvVar `json:"env,omitempty"`
	// User is as podman takes it: "1000", "1000:1000" or a name of the image.
	User    string   `json:"user,omitempty"`
	Ports   []Port   `json:"ports,omitempty"`
	Volumes []Volume `json:"volumes,omitempty"`
	// HostNetwork gives it the network of the device; then there are no ports.
	HostNetwork bool      `json:"hostNetwork,omitempty"`
	Resources   Resources `json:"resources,omitzero"`
	// Restart is Always when empty.
	Restart RestartPolicy `json:"restart,omitempty"`
	Health  *HealthCheck  `json:"health,omitempty"`
	// StopGraceSeconds is how long it has to end after SIGTERM, before SIGKILL: 10 when zero, 600 at most.
	StopGraceSeconds int `json:"stopGraceSeconds,omitempty"`
}

// StopGrace is how long the container has to end.
func (c Container) StopGrace() time.Duration { return seconds(c.StopGraceSeconds, defaultGrace) }

// PullPolicy is when an image is pulled.
type PullPolicy string

// The policies; there are no others.
const (
	PullMissing PullPolicy = "Missing" // when the device does not have it
	PullAlways  PullPolicy = "Always"  // at every new release
	PullNever   PullPolicy = "Never"   // it must be there
)

// RestartPolicy is when a service is started again after it has ended.
type RestartPolicy string

// The policies; there are no others.
const (
	RestartAlways    RestartPolicy = "Always"
	RestartOnFailure RestartPolicy = "OnFailure" // when it ended with another code than 0
	RestartNever     RestartPolicy = "Never"
)

// EnvVar is one variable of the environment.
type EnvVar struct {
	// Name is of A-Z, a-z, 0-9 and '_', and begins with no digit. Each is given once.
	Name  string `json:"name"`
	Value string `json:"value,omitempty"`
}

// A Port leads from the device to the container.
type Port struct {
	// Host and Container are 1 to 65535.
	Host      int `json:"host"`
	Container int `json:"container"`
	// HostIP is the address of the device to listen on: 127.0.0.1 when empty, for nothing is open to the network unless
	// someone says so.
	HostIP string `json:"hostIP,omitempty"`
	// Protocol is "tcp" (when empty) or "udp".
	Protocol string `json:"protocol,omitempty"`
}

// A Volume is data that outlives containers. Exactly one of Name and Host is given.
type Volume struct {
	// Name is that of a volume of this workload, an RFC 1123 label. It stays when the workload is removed.
	Name string `json:"name,omitempty"`
	// Host is an absolute path of the device.
	Host string `json:"host,omitempty"`
	// Path is where the container finds it, absolute.
	Path     string `json:"path"`
	ReadOnly bool   `json:"readOnly,omitempty"`
}

// Resources limit a container; zero is no limit.
type Resources struct {
	// CPUMillis is in thousandths of a processor.
	CPUMillis int `json:"cpuMillis,omitempty"`
	// MemoryMiB is in mebibytes, swap included.
	MemoryMiB int `json:"memoryMiB,omitempty"`
}

// A HealthCheck is a command within a container that ends with 0 while it is healthy.
type HealthCheck struct {
	// Command is an argument vector; no shell is put before it.
	Command []string `json:"command"`
	// IntervalSeconds is 30 when zero, TimeoutSeconds 5, Retries 3, and 3600 at most.
	IntervalSeconds int `json:"intervalSeconds,omitempty"`
	TimeoutSeconds  int `json:"timeoutSeconds,omitempty"`
	Retries         int `json:"retries,omitempty"`
	// StartSeconds is for how long after its start failures do not count: 0 at least.
	StartSeconds int `json:"startSeconds,omitempty"`
}

const (
	defaultProbeInterval = 30
	defaultProbeTimeout  = 5
	defaultRetries       = 3
)

// Interval is how often the command runs.
func (h HealthCheck) Interval() time.Duration {
	return seconds(h.IntervalSeconds, defaultProbeInterval)
}

// Timeout is how long one run may take.
func (h HealthCheck) Timeout() time.Duration { return seconds(h.TimeoutSeconds, defaultProbeTimeout) }

// Tries is how many failures in a row make the container unhealthy.
func (h HealthCheck) Tries() int {
	if h.Retries == 0 {
		return defaultRetries
	}
	return h.Retries
}

func seconds(n, otherwise int) time.Duration {
	if n == 0 {
		n = otherwise
	}
	return time.Duration(n) * time.Second
}
