// Copyright 2026 The Harmony Authors
// SPDX-License-Identifier: Apache-2.0

package podman

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
)

// Logs writes the last lines of what a container said, both ways together, and with follow all that it goes on to say
// until its end or that of the context.
func (c *Client) Logs(ctx context.Context, id string, tail int, follow bool, to io.Writer) error {
	query := url.Values{"stdout": {"true"}, "stderr": {"true"}, "tail": {strconv.Itoa(tail)}, "follow": {strconv.FormatBool(follow)}}
	answer, err := c.open(ctx, http.MethodGet, "/containers/"+id+"/logs", query, nil)
	if err != nil {
		return err
	}
	defer func() { _ = answer.Close() }() // it was read as far as it is wanted
	if err := frames(answer, to); err != nil {
		return &Error{"read a log", 0, err.Error(), err}
	}
	return nil
}

// Exec runs a program within a container that runs, and gives the first of what it said, both ways together.
func (c *Client) Exec(ctx context.Context, id string, argv []string, most int) (output []byte, code int, cut bool, err error) {
	var made struct {
		ID string `json:"Id"`
	}
	body := map[string]any{"AttachStdout": true, "AttachStderr": true, "Cmd": argv}
	if err := c.call(ctx, http.MethodPost, "/containers/"+id+"/exec", nil, body, &made); err != nil {
		return nil, 0, false, err
	}
	answer, err := c.open(ctx, http.MethodPost, "/exec/"+made.ID+"/start", nil, map[string]any{"Detach": false})
	if err != nil {
		return nil, 0, false, err
	}
	said := &first{most: most}
	err = frames(answer, said)
	_ = answer.Close() // it was read to its end
	if err != nil {
		return nil, 0, false, &Error{"read what a program says", 0, err.Error(), err}
	}
	var ended struct{ ExitCode int }
	err = c.call(ctx, http.MethodGet, "/exec/"+made.ID+"/json", nil, nil, &ended)
	return said.kept.Bytes(), ended.ExitCode, said.cut, err
}

// frames copies the contents of podman's frames: one byte of which stream, three of nothing, and four of length.
func frames(from io.Reader, to io.Writer) error {
	var head [8]byte
	for {
		switch _, err := io.ReadFull(from, head[:]); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		if _, err := io.CopyN(to, from, int64(binary.BigEndian.Uint32(head[4:]))); err != nil {
			return err
		}
	}
}

// first keeps the first bytes that are written to it.
type first struct {
	kept bytes.Buffer
	most int
	cut  bool
}

func (f *first) Write(data []byte) (int, error) {
	room := min(len(data), f.most-f.kept.Len())
	f.cut = f.cut || room < len(data)
	_, err := f.kept.Write(data[:room])
	return len(data), err
}
