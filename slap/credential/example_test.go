package credential_test

import (
	"fmt"

	"slapstar/slap/credential"
)

func Example() {
	fmt.Println(credential.Parameter("url", "mysql://root:hush@[2001:db8::4]:3306/"))
	fmt.Println(credential.Parameter("url", "mysql://[2001:db8::4]:3306/"))
	fmt.Println(credential.Key("root-password"), credential.Key("public-key"))
	fmt.Println(credential.Value(`{"db": {"password": "hush"}}`))
	// Output:
	// true
	// false
	// true false
	// true
}
