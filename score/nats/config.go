// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package nats

import (
	"fmt"

	"nationtech.io/harmony/score/nats/internal/conf"
	"nationtech.io/harmony/secret"
)

const (
	configDir  = "/etc/nats"
	configFile = "nats.conf"
	dataDir    = "/data"
	// maxMemory bounds what streams may hold in memory; the container's limit is above it.
	maxMemory = 64 << 20
)

// config is what the servers read.
func (s Score) config(kept kept) (conf.File, error) {
	authorization, err := s.authorization(kept.callout)
	if err != nil {
		return conf.File{}, err
	}
	line := 0
	if authorization != nil {
		line = maxControlLine
	}
	return conf.Server{
		Port: clientPort, HTTP: monitorPort, SystemAccount: systemAccount, ControlLine: line, Authorization: authorization, TLS: kept.encryption(),
		// A tenth of the volume stays free for what JetStream writes beside the streams.
		JetStream: conf.JetStream{StoreDir: dataDir, MaxFile: s.bytes() / 10 * 9, MaxMemory: maxMemory},
		Cluster:   s.cluster(kept),
		Accounts:  s.accounts(kept.passwords),
	}.File()
}

func (s Score) bytes() int64 {
	if s.Store.Bytes == 0 {
		return defaultBytes
	}
	return s.Store.Bytes
}

func (s Score) cluster(kept kept) *conf.Cluster {
	if s.replicas() == 1 {
		return nil
	}
	password := kept.passwords[routeUser]
	c := &conf.Cluster{Name: s.Name(), Port: clusterPort, NoAdvertise: true, TLS: kept.routing(),
		Authorization: &conf.User{User: routeUser, Password: conf.Password{Value: password}}}
	for i := range s.replicas() {
		host := fmt.Sprintf("%s-%d.%s.%s.svc:%d", s.Name(), i, s.headless(), s.Namespace, clusterPort)
		c.Routes = append(c.Routes, conf.Route{User: routeUser, Password: password, Host: host})
	}
	return c
}

func (s Score) accounts(passwords map[string]secret.Value) map[string]conf.Account {
	user := func(name string) conf.User {
		return conf.User{User: name, Password: conf.Password{Value: passwords[name]}}
	}
	may := func(users []User) (all []conf.User) {
		for _, u := range users {
			one := user(u.Name)
			if u.Publish != nil || u.Subscribe != nil {
				one.Permissions = map[string]conf.Allow{"publish": {Allow: u.Publish}, "subscribe": {Allow: u.Subscribe}}
			}
			all = append(all, one)
		}
		return all
	}
	accounts := map[string]conf.Account{
		systemAccount: {Users: append([]conf.User{user(systemUser)}, may(s.Overseers)...)},
		probeAccount:  {JetStream: true, Users: []conf.User{user(probeUser)}},
	}
	for _, a := range s.Accounts {
		c := a.config()
		c.Users = may(a.Users)
		accounts[a.Name] = c
	}
	return accounts
}

// config is the account without its users.
func (a Account) config() conf.Account {
	c := conf.Account{JetStream: a.JetStream, Limits: map[string]int{}}
	if a.MaxPayload > 0 {
		c.Limits["max_payload"] = a.MaxPayload
	}
	if a.MaxSubscriptions > 0 {
		c.Limits["max_subs"] = a.MaxSubscriptions
	}
	for _, subject := range a.Exports {
		c.Exports = append(c.Exports, conf.Export{Stream: subject})
	}
	for _, i := range a.Imports {
		c.Imports = append(c.Imports, conf.Import{Stream: conf.Source{Account: i.Account, Subject: i.Subject}})
	}
	return c
}
