package jsonschema

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// message says what the keywords mean that need nothing but themselves.
func message(k jsonschema.ErrorKind) string {
	switch k := k.(type) {
	case *kind.Const:
		return "want " + jsonList([]any{k.Want})
	case *kind.Pattern:
		return fmt.Sprintf("does not match the pattern %s", k.Want)
	case *kind.MinLength:
		if k.Want == 1 {
			return "want a text that is not empty"
		}
		return fmt.Sprintf("got %s, want at least %d", count(k.Got, "character"), k.Want)
	case *kind.MaxLength:
		return fmt.Sprintf("got %s, want at most %d", count(k.Got, "character"), k.Want)
	case *kind.Minimum:
		return "want at least " + number(k.Want)
	case *kind.Maximum:
		return "want at most " + number(k.Want)
	case *kind.ExclusiveMinimum:
		return "want more than " + number(k.Want)
	case *kind.ExclusiveMaximum:
		return "want less than " + number(k.Want)
	case *kind.MultipleOf:
		return "want a multiple of " + number(k.Want)
	case *kind.MinItems:
		return fmt.Sprintf("got %s, want at least %d", count(k.Got, "item"), k.Want)
	case *kind.MaxItems:
		return fmt.Sprintf("got %s, want at most %d", count(k.Got, "item"), k.Want)
	case *kind.AdditionalItems:
		return fmt.Sprintf("%s too many", count(k.Count, "item"))
	case *kind.UniqueItems:
		return fmt.Sprintf("items %d and %d are the same", k.Duplicates[0], k.Duplicates[1])
	case *kind.Contains, *kind.MinContains:
		return "too few of the items are of the form that has to be among them"
	case *kind.MaxContains:
		return fmt.Sprintf("more than %d of the items are of a form that may not be more often among them", k.Want)
	case *kind.MinProperties:
		return fmt.Sprintf("got %s, want at least %d", count(k.Got, "key"), k.Want)
	case *kind.MaxProperties:
		return fmt.Sprintf("got %s, want at most %d", count(k.Got, "key"), k.Want)
	case *kind.Dependency:
		return fmt.Sprintf("%s %s missing, which %q needs", quoted(k.Missing), isAre(k.Missing), k.Prop)
	case *kind.DependentRequired:
		return fmt.Sprintf("%s %s missing, which %q needs", quoted(k.Missing), isAre(k.Missing), k.Prop)
	case *kind.OneOf:
		if len(k.Subschemas) == 2 {
			return fmt.Sprintf("fits forms %d and %d, of which only one may fit", k.Subschemas[0]+1, k.Subschemas[1]+1)
		}
	case *kind.AnyOf:
	case *kind.Not, *kind.FalseSchema:
		return "is not allowed"
	}
	return "is not as the schema wants it"
}

func count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprintf("%d %s", n, what)
}

func isAre(names []string) string {
	if len(names) == 1 {
		return "is"
	}
	return "are"
}

// most is how many names or values a message lists.
const most = 20

func quoted(names []string) string {
	var list []string
	for _, name := range names {
		list = append(list, strconv.Quote(name))
	}
	return enumeration(list, "and")
}

func jsonList(values []any) string {
	var list []string
	for _, value := range values {
		text, err := json.Marshal(value)
		if err != nil {
			text = []byte(fmt.Sprint(value))
		}
		list = append(list, string(text))
	}
	return enumeration(list, "or")
}

func enumeration(list []string, word string) string {
	last := len(list) - 1
	switch {
	case len(list) > most:
		return fmt.Sprintf("%s, … (%d more)", strings.Join(list[:most], ", "), len(list)-most)
	case last < 1:
		return strings.Join(list, "")
	}
	return strings.Join(list[:last], ", ") + " " + word + " " + list[last]
}

func number(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	f, _ := r.Float64()
	return strconv.FormatFloat(f, 'g', -1, 64)
}
