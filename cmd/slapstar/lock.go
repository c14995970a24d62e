package main

import "github.com/urfave/cli/v2"

func lockCommand(*env) *cli.Command { return &cli.Command{Name: "lock"} }
