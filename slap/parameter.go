package slap

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"

	"slapstar/slap/marshal"
)

// Parameters are instance parameters, connection parameters or an SLA, as a
// Master stores them: text under text. The null that a Master reads back for
// an empty text is the empty text here.
type Parameters map[string]string

// ParseParameters reads the XML in which a Master stores parameters:
//
//	<instance><parameter id="KEY">TEXT</parameter>…</instance>
//
// Empty input is no parameters. A repeated key joins the texts with a space,
// as the stock reader does.
func ParseParameters(text string) (Parameters, error) {
	if strings.TrimSpace(text) == "" {
		return Parameters{}, nil
	}
	if p, ok := scanParameters(text); ok {
		return p, nil
	}
	return parseParameters(text)
}

// parseParameters reads any XML of that shape.
func parseParameters(text string) (Parameters, error) {
	p := Parameters{}
	var doc struct {
		Parameters []struct {
			ID   string `xml:"id,attr"`
			Text string `xml:",chardata"`
		} `xml:"parameter"`
	}
	x := xml.NewDecoder(strings.NewReader(text))
	if err := x.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			err = errors.New("there is no element in it")
		}
		return nil, fmt.Errorf("parameter XML: %w", err)
	}
	for _, param := range doc.Parameters {
		if before, ok := p[param.ID]; ok {
			param.Text = before + " " + param.Text
		}
		p[param.ID] = param.Text
	}
	return p, nil
}

// XML writes p as the stock library does, byte for byte.
func (p Parameters) XML() string {
	var b strings.Builder
	b.WriteString("<?xml version='1.0' encoding='utf-8'?>\n")
	if len(p) == 0 {
		b.WriteString("<instance/>\n")
		return b.String()
	}
	b.WriteString("<instance>\n")
	for _, key := range p.Keys() {
		b.WriteString(`  <parameter id="` + attributeEscaper.Replace(key) + `">`)
		b.WriteString(textEscaper.Replace(p[key]))
		b.WriteString("</parameter>\n")
	}
	b.WriteString("</instance>\n")
	return b.String()
}

// Keys returns the keys of p in ascending order.
func (p Parameters) Keys() []string {
	keys := make([]string, 0, len(p))
	for k := range p {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

var (
	textEscaper      = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#13;")
	attributeEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;",
		"\t", "&#9;", "\n", "&#10;", "\r", "&#13;")
)

// Text returns the text that a Master stores for a parameter value: Python's
// str of it. It takes the types of package marshal except objects; a list or
// a dictionary becomes Python source, which no reader can tell from text.
func Text(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return repr(v)
}

func repr(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		if v {
			return "True"
		}
		return "False"
	case int64:
		return strconv.FormatInt(v, 10)
	case *big.Int:
		return v.String()
	case float64:
		return marshal.FormatFloat(v)
	case string:
		return reprString(v)
	case marshal.Tuple:
		if len(v) == 1 {
			return "(" + repr(v[0]) + ",)"
		}
		return "(" + reprList(v) + ")"
	case []any:
		return "[" + reprList(v) + "]"
	case map[string]any:
		items := make([]string, 0, len(v))
		for _, k := range slices.Sorted(maps.Keys(v)) {
			items = append(items, reprString(k)+": "+repr(v[k]))
		}
		return "{" + strings.Join(items, ", ") + "}"
	case marshal.Set:
		if len(v) == 0 {
			return "set()"
		}
		return "{" + reprList(v) + "}"
	}
	return fmt.Sprint(v)
}

func reprList(items []any) string {
	texts := make([]string, len(items))
	for i, item := range items {
		texts[i] = repr(item)
	}
	return strings.Join(texts, ", ")
}

func reprString(s string) string {
	quote := "'"
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		quote = `"`
	}
	r := strings.NewReplacer(`\`, `\\`, quote, `\`+quote, "\n", `\n`, "\r", `\r`, "\t", `\t`, "\x7f", `\x7f`)
	return quote + r.Replace(s) + quote
}
