// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

// Package tricks shows secrets by detours.
package tricks

import (
	"context"
	"errors"
	f "fmt"
	"log"
	"os"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"nationtech.io/harmony/diag"
	"nationtech.io/harmony/event"
	"nationtech.io/harmony/secret"
)

// ByVariable goes through two variables and a conversion.
func ByVariable(password secret.Value) {
	text := password.Reveal()
	bytes := []byte(text)
	f.Fprintln(os.Stderr, string(bytes)) // want `secretprint: the revealed text of a secret reaches fmt.Fprintln; it comes from tricks.go`
}

// ByJoining puts words around it.
func ByJoining(password secret.Value) error {
	text := strings.Join([]string{"the password is", password.Reveal()}, " ")
	return errors.New(text) // want `secretprint: the revealed text of a secret reaches errors.New`
}

// ByHelper gives it to a function of the package that prints.
func ByHelper(password secret.Value) { tell(password.Reveal()) }

func tell(what string) { log.Println(what) } // want `secretprint: the revealed text of a secret reaches log.Println`

// ByPointer prints what holds one behind a pointer, in a list, in a field.
func ByPointer(all []struct{ Login *secret.Value }) {
	f.Println(all) // want `secretprint: a value that is or has a secret.Value reaches fmt.Println`
}

// ByKubernetes prints a Secret of Kubernetes.
func ByKubernetes(ctx context.Context, s corev1.Secret) error {
	event.Emit(ctx, event.Fact{Text: string(s.Data["password"])}) // want `reaches event.Emit` `reaches event.Fact`
	return f.Errorf("refused: %v: %w", s, os.ErrPermission)       // want `secretprint: a value that is or has a Secret of Kubernetes reaches fmt.Errorf`
}

// ByMethodValue reveals with a method that was taken along.
func ByMethodValue(password secret.Value) *diag.Diagnostic {
	reveal := password.Reveal
	return diag.New(diag.Forbidden).Note(reveal()) // want `secretprint: the revealed text of a secret reaches diag.Note`
}

// ByPanic ends with it.
func ByPanic(password secret.Value) { panic(password.Reveal()) } // want `secretprint: the revealed text of a secret reaches panic`
