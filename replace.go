// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package harmony

import "context"

type replaceKey struct{}

func (r Run) replacing(ctx context.Context) context.Context {
	return context.WithValue(ctx, replaceKey{}, r.Replace)
}

// MayReplace tells a capability whether it may delete an object and make it anew, where a field cannot be changed on
// the one that stands: Run.Replace.
func MayReplace(ctx context.Context) bool {
	may, _ := ctx.Value(replaceKey{}).(bool)
	return may
}
