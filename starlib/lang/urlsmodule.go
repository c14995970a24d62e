package lang

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"

	"go.starlark.net/starlark"
	"go.starlark.net/starlarkstruct"

	"slapstar/internal/function"
)

// urlsModule takes URLs apart. host, port, scheme, path, quote and unquote flow.
var urlsModule = newModule("urls", starlark.StringDict{
	"host":    textFunction("urls.host", aString),
	"port":    textFunction("urls.port", anInt),
	"scheme":  textFunction("urls.scheme", aString),
	"path":    textFunction("urls.path", aString),
	"quote":   textFunction("urls.quote", aString),
	"unquote": textFunction("urls.unquote", aString),
	"join":    starlark.NewBuiltin("urls.join", joinURL),
	"parse":   starlark.NewBuiltin("urls.parse", parseURL),
})

// parseURL returns a struct with scheme, user, password, host, port, path, query and
// fragment: text, but for the port, a number or None, and the query, a dictionary. The
// text has to be known.
//
//	urls.parse(text)
func parseURL(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var text argument
	if err := UnpackArgs(b.Name(), args, kwargs, "text", &text); err != nil {
		return nil, err
	}
	u, err := function.ParseURL(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.Name(), err)
	}
	given := u.Query()
	query := starlark.NewDict(len(given))
	for _, key := range slices.Sorted(maps.Keys(given)) {
		query.SetKey(starlark.String(key), starlark.String(given[key][len(given[key])-1])) // a new dictionary takes any text
	}
	var port starlark.Value = starlark.None
	if n, err := strconv.Atoi(u.Port()); err == nil {
		port = starlark.MakeInt(n)
	}
	password, _ := u.User.Password()
	return starlarkstruct.FromStringDict(starlarkstruct.Default, starlark.StringDict{
		"scheme": starlark.String(u.Scheme), "user": starlark.String(u.User.Username()), "password": starlark.String(password),
		"host": starlark.String(u.Hostname()), "port": port, "path": starlark.String(u.Path), "query": query, "fragment": starlark.String(u.Fragment),
	}), nil
}

// joinURL returns what a link on a page leads to. Both have to be known.
//
//	urls.join(base, reference)
func joinURL(_ *starlark.Thread, b *starlark.Builtin, args starlark.Tuple, kwargs []starlark.Tuple) (starlark.Value, error) {
	var base, reference argument
	if err := UnpackArgs(b.Name(), args, kwargs, "base", &base, "reference", &reference); err != nil {
		return nil, err
	}
	u, err := function.ParseURL(string(base))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.Name(), err)
	}
	r, err := url.Parse(string(reference))
	if err != nil {
		return nil, fmt.Errorf("%s: %q is no reference", b.Name(), string(reference))
	}
	return starlark.String(u.ResolveReference(r).String()), nil
}
