// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package podman

// Spec is what a container is made from, in podman's own words.
type Spec struct {
	Name       string            `json:"name"`
	Image      string            `json:"image"`
	Entrypoint []string          `json:"entrypoint,omitempty"`
	Command    []string          `json:"command,omitempty"`
	Env        map[string]string `json:"env,omitempty"`
	User       string            `json:"user,omitempty"`
	Labels     map[string]string `json:"labels"`
	Ports      []PortMapping     `json:"portmappings,omitempty"`
	Mounts     []Mount           `json:"mounts,omitempty"`
	Volumes    []NamedVolume     `json:"volumes,omitempty"`
	Network    *Namespace        `json:"netns,omitempty"`
	Limits     *Limits           `json:"resource_limits,omitempty"`
	Restart    string            `json:"restart_policy,omitempty"` // no, on-failure or always
	Health     *Health           `json:"healthconfig,omitempty"`
	Grace      uint              `json:"stop_timeout,omitempty"` // seconds
}

// A PortMapping leads from the device to the container.
type PortMapping struct {
	HostIP        string `json:"host_ip,omitempty"`
	HostPort      int    `json:"host_port"`
	ContainerPort int    `json:"container_port"`
	Protocol      string `json:"protocol,omitempty"`
}

// A Mount is a path of the device within the container.
type Mount struct {
	Destination string   `json:"destination"`
	Source      string   `json:"source"`
	Type        string   `json:"type"`
	Options     []string `json:"options,omitempty"`
}

// A NamedVolume is a volume that podman keeps.
type NamedVolume struct {
	Name    string   `json:"Name"`
	Dest    string   `json:"Dest"`
	Options []string `json:"Options,omitempty"`
}

// A Namespace says which network a container is in.
type Namespace struct {
	Mode string `json:"nsmode"`
}

// Limits bound what a container takes.
type Limits struct {
	Memory *MemoryLimit `json:"memory,omitempty"`
	CPU    *CPULimit    `json:"cpu,omitempty"`
}

// A MemoryLimit is in bytes.
type MemoryLimit struct {
	Limit int64 `json:"limit"`
	Swap  int64 `json:"swap"` // of memory and swap together
}

// A CPULimit lets a container run Quota of every Period, both in microseconds.
type CPULimit struct {
	Quota  int64  `json:"quota"`
	Period uint64 `json:"period"`
}

// Health is how a container is asked whether it is healthy. Interval 0 leaves the asking to whoever calls Client.Health.
type Health struct {
	Test        []string `json:"Test"` // "CMD" and an argument vector
	Interval    int64    `json:"Interval"`
	Timeout     int64    `json:"Timeout"` // nanoseconds, as the next
	StartPeriod int64    `json:"StartPeriod"`
	Retries     int      `json:"Retries"`
}
