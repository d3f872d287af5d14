// retrying asks a base URL once, by net/http or by hashicorp/go-retryablehttp with its defaults but
// for three retries. It prints success or failure, and ends with 0 or 1.
//
//	retrying plain|retryable URL
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/hashicorp/go-retryablehttp"
)

func ask(way, url string) error {
	client := http.DefaultClient
	if way == "retryable" {
		retrying := retryablehttp.NewClient()
		retrying.RetryMax = 3
		retrying.Logger = nil
		client = retrying.StandardClient()
	}
	answer, err := client.Get(url)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 400 {
		return fmt.Errorf("%s", answer.Status)
	}
	_, err = io.ReadAll(answer.Body)
	return err
}

func main() {
	if err := ask(os.Args[1], os.Args[2]); err != nil {
		fmt.Println("failure:", err)
		os.Exit(1)
	}
	fmt.Println("success")
}
