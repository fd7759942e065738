// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package registry

// Rotate gives a machine a key beside the one that it has, in whose place it is to come: that one is good until Used hears
// of the new one. Doing it again changes nothing. What cannot be is a Diagnostic with the code EnrolmentRefused.
func (r *Registry) Rotate(name, old string, key Key) (Machine, error) {
	return r.change(name, func(m *Machine) error {
		_, has := m.Key(old)
		switch {
		case !m.Active() || !has:
			return refused(name).Saw("it has its rights no more, or not the key " + old)
		case m.Declared == old:
			return refused(name).Saw("its key is declared, and is changed where that is done")
		case key.ID == old:
			return refused(name).Saw("the new key is the one that it has")
		}
		key.Replaces = old
		return m.add(key)
	})
}

// Used notes that a machine has used a key. The key in whose place that has come is taken from it, with those before.
func (r *Registry) Used(name, key string) (Machine, error) {
	return r.change(name, func(m *Machine) error {
		for i := range m.Keys {
			if m.Keys[i].ID == key {
				old := m.Keys[i].Replaces
				m.Keys[i].Replaces = ""
				m.retireBefore(old)
				return nil
			}
		}
		return refused(name).Saw("it has no key " + key)
	})
}

// retireBefore takes a key, the one that it was to replace, and so on.
func (m *Machine) retireBefore(old string) {
	for k, has := m.Key(old); has; k, has = m.Key(old) {
		m.retire(func(other Key) bool { return other.ID == k.ID })
		old = k.Replaces
	}
}
