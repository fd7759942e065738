// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// A look is how text may be written to a stream.
type look struct {
	color, ascii bool
	moves        bool // text may be drawn over: a terminal that is not dumb
}

// lookOf honours NO_COLOR (no-color.org), a dumb terminal and the locale.
func lookOf(w io.Writer) look {
	moves := isTerminal(w) && os.Getenv("TERM") != "dumb"
	return look{color: moves && os.Getenv("NO_COLOR") == "", ascii: !utf8Locale(), moves: moves}
}

func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// utf8Locale reads the locale as setlocale(3) does: the first of the three that is set. With none set
// nothing says that the terminal cannot, and those of today can.
func utf8Locale() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := strings.ToUpper(os.Getenv(name)); v != "" {
			return strings.Contains(v, "UTF-8") || strings.Contains(v, "UTF8")
		}
	}
	return true
}
