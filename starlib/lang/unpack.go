package lang

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.starlark.net/starlark"
)

// UnpackArgs is [starlark.UnpackArgs], of which it keeps what an Unpacker said as an
// error: starlark-go keeps the text only, and a cause or a hint would be lost.
func UnpackArgs(builtin string, args starlark.Tuple, kwargs []starlark.Tuple, pairs ...any) error {
	args, kwargs = numbersWanted(args, kwargs, pairs)
	err := starlark.UnpackArgs(builtin, args, kwargs, pairs...)
	if err == nil {
		return nil
	}
	parameters := make([]string, 0, len(pairs)/2)
	recording := slices.Clone(pairs)
	var failed argumentRecord
	for i := 0; i < len(pairs); i += 2 {
		parameter := strings.TrimRight(pairs[i].(string), "?")
		parameters = append(parameters, parameter)
		if u, ok := pairs[i+1].(starlark.Unpacker); ok {
			recording[i+1] = &argumentRecorder{u, parameter, &failed}
		}
	}
	if starlark.UnpackArgs(builtin, args, kwargs, recording...); failed.err != nil {
		return fmt.Errorf("%s: for parameter %s: %w", builtin, failed.parameter, failed.err)
	}
	for _, pair := range kwargs {
		if name, _ := starlark.AsString(pair[0]); !slices.Contains(parameters, name) {
			return Suggest(fmt.Errorf("%s: unexpected keyword argument %q", builtin, name), name, parameters)
		}
	}
	return errors.New(quotedParameter.ReplaceAllString(err.Error(), "for parameter $1:"))
}

// numbersWanted gives the parameters that are not for any value numbers, see [Number].
func numbersWanted(args starlark.Tuple, kwargs []starlark.Tuple, pairs []any) (starlark.Tuple, []starlark.Tuple) {
	for i, v := range args {
		if 2*i+1 < len(pairs) && isNumber(v) && !takesAny(pairs[2*i+1]) {
			args = slices.Clone(args)
			args[i] = Number(v)
		}
	}
	for i, pair := range kwargs {
		for n := 0; n < len(pairs) && isNumber(pair[1]); n += 2 {
			if starlark.String(strings.TrimRight(pairs[n].(string), "?")) == pair[0] && !takesAny(pairs[n+1]) {
				kwargs = slices.Clone(kwargs)
				kwargs[i] = starlark.Tuple{pair[0], Number(pair[1])}
			}
		}
	}
	return args, kwargs
}

func takesAny(parameter any) bool {
	_, ok := parameter.(*starlark.Value)
	return ok
}

// starlark-go quotes the names of optional parameters and of no others.
var quotedParameter = regexp.MustCompile(`for parameter "(\w+)":`)

// An argumentRecord is what an Unpacker said of which parameter.
type argumentRecord struct {
	parameter string
	err       error
}

// An argumentRecorder keeps the error of an Unpacker.
type argumentRecorder struct {
	starlark.Unpacker
	parameter string
	failed    *argumentRecord
}

// Unpack implements [starlark.Unpacker].
func (r *argumentRecorder) Unpack(v starlark.Value) error {
	err := r.Unpacker.Unpack(v)
	if err != nil {
		*r.failed = argumentRecord{r.parameter, err}
	}
	return err
}
