package run

import "errors"

// ErrRefused is the error of what slapstar does not do, though it could.
var ErrRefused = errors.New("refused")
