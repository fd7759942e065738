// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"
	"time"

	"nationtech.io/harmony/fleet/contract"
	"nationtech.io/harmony/fleet/issuer"
)

const help = `Tell the fleet's NATS who devices and people are, where no other identity provider does.

  harmony-fleet-issuer serve --url URL --namespace NAME --registry FILE --admin-token-file FILE [flags]

    --url URL                what this issuer is called, and where it is reached: https://HOST[:PORT]
    --namespace NAME         that of the FleetState; it names the fleet that tokens are for, and is waited for
    --kubeconfig FILE        where it is (default: the Kubernetes of the Pod it runs in)
    --registry FILE          who there is, and the keys that sign; made if there is none
    --listen ADDRESS         for people and machines (default 127.0.0.1:8088)
    --admin-listen ADDRESS   for administrators (default 127.0.0.1:8089); beyond loopback with TLS only
    --tls-cert, --tls-key    PEM files; read anew when they change. Without them, and on loopback for administrators, it
                             speaks plain HTTP
    --machines FILE          machines that there are, as a JSON list of {"name", "roles", "key"}; read at the start
    --admin-token-file FILE  what administrators show
    --connects-per-second N  how many connections all callouts let in; the devices of a fleet are told over what time
                             they come back when all were cut off (default 500; 0 tells them nothing)
    --token-lifetime TIME    how long a token is good, 10m at most (default 10m); callouts take it for half a minute longer

What follows asks a running issuer:

  harmony-fleet-issuer enrol NAME --role ROLE [--role ROLE] [--key FILE] [--secret-file FILE]
                                             make a machine, or add a public key to it; write a new client
                                             secret into a file; a machine with the role device is a device
  harmony-fleet-issuer revoke NAME           take all rights from a machine
  harmony-fleet-issuer retire NAME KEY       take one key from a machine, for ever
  harmony-fleet-issuer person NAME --role ROLE --password-file FILE
                                             make a person, or change one; roles are operator and reader
  harmony-fleet-issuer dismiss NAME          take a person away
  harmony-fleet-issuer list                  everybody, as JSON
  harmony-fleet-issuer rotate                make a new signing key
  harmony-fleet-issuer backup FILE           write all there is into a new file, which holds private keys

    --admin-token-file FILE  the token that the issuer was started with
    --admin-url URL          its second listener (default http://127.0.0.1:8089)
    --ca-file FILE           the authority of its certificate (default: those of the system)

And this puts a backup back where none runs:

  harmony-fleet-issuer restore BACKUP --registry FILE

exit codes: 0 done, 1 failed, or the fleet has another control plane, 2 wrong usage
`

// request is what the command line asks for.
type request struct {
	command, url, registry, listen, adminListen, cert, key, tokenFile string
	adminURL, caFile, keyFile, secretFile, passwordFile, machines     string
	kubeconfig, namespace                                             string
	rate                                                              int
	lifetime                                                          time.Duration // of tokens
	roles                                                             []contract.Role
	args                                                              []string
}

// arguments are how many each command takes.
var arguments = map[string]int{
	"serve": 0, "enrol": 1, "revoke": 1, "retire": 2, "person": 1, "dismiss": 1, "list": 0, "rotate": 0, "backup": 1, "restore": 1,
}

func parse(args []string) (r request, err error) {
	if len(args) == 0 || args[0] == "help" || args[0] == "--help" || args[0] == "-h" {
		return r, flag.ErrHelp
	}
	count, known := arguments[args[0]]
	if !known {
		return r, fmt.Errorf("there is no command %q", args[0])
	}
	r.command, args = args[0], args[1:]
	for len(args) > 0 && !strings.HasPrefix(args[0], "-") {
		r.args, args = append(r.args, args[0]), args[1:]
	}
	fs := r.flags()
	if err := fs.Parse(args); err != nil {
		return r, err
	}
	if r.args = append(r.args, fs.Args()...); len(r.args) != count {
		return r, fmt.Errorf("%s takes %d arguments, and not %d", r.command, count, len(r.args))
	}
	return r, r.complete()
}

func (r *request) flags() *flag.FlagSet {
	fs := flag.NewFlagSet("harmony-fleet-issuer", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&r.registry, "registry", "", "")
	fs.StringVar(&r.tokenFile, "admin-token-file", "", "")
	switch r.command {
	case "serve":
		fs.StringVar(&r.url, "url", "", "")
		fs.StringVar(&r.kubeconfig, "kubeconfig", "", "")
		fs.StringVar(&r.namespace, "namespace", "", "")
		fs.StringVar(&r.listen, "listen", "127.0.0.1:8088", "")
		fs.StringVar(&r.adminListen, "admin-listen", "127.0.0.1:8089", "")
		fs.StringVar(&r.cert, "tls-cert", "", "")
		fs.StringVar(&r.key, "tls-key", "", "")
		fs.StringVar(&r.machines, "machines", "", "")
		fs.IntVar(&r.rate, "connects-per-second", 500, "")
		fs.DurationVar(&r.lifetime, "token-lifetime", issuer.TokenLifetime, "")
	case "restore":
	default:
		fs.StringVar(&r.adminURL, "admin-url", "http://127.0.0.1:8089", "")
		fs.StringVar(&r.caFile, "ca-file", "", "")
		fs.StringVar(&r.keyFile, "key", "", "")
		fs.StringVar(&r.secretFile, "secret-file", "", "")
		fs.StringVar(&r.passwordFile, "password-file", "", "")
		fs.Func("role", "", func(text string) error { r.roles = append(r.roles, contract.Role(text)); return nil })
	}
	return fs
}

// complete tells what is missing.
func (r *request) complete() error {
	switch {
	case r.command == "serve" && (r.url == "" || r.namespace == "" || r.registry == "" || r.tokenFile == ""):
		return errors.New("serve needs --url, --namespace, --registry and --admin-token-file")
	case r.rate < 0:
		return errors.New("--connects-per-second is no number of connections")
	case r.command == "serve" && (r.lifetime < time.Second || r.lifetime > issuer.TokenLifetime):
		return fmt.Errorf("--token-lifetime is from 1s to %s", issuer.TokenLifetime)
	case (r.cert == "") != (r.key == ""):
		return errors.New("--tls-cert and --tls-key go together")
	case r.command == "restore" && r.registry == "":
		return errors.New("restore needs --registry")
	case r.command != "restore" && r.tokenFile == "":
		return errors.New("--admin-token-file is needed")
	case r.command == "person" && r.passwordFile == "":
		return errors.New("person needs --password-file")
	}
	return nil
}
