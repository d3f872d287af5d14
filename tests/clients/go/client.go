// client asks for URL a number of times, by net/http with what the environment says of proxies and
// trust, and prints what it saw as JSON.
//
//	client URL TIMES [PROXY]
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"net/url"
	"os"
	"strconv"
	"strings"
)

type seen struct {
	Statuses []int
	Bodies   []string
	Reused   int
	Hints    int
	Trailer  string
	Error    string
}

func ask(client *http.Client, address string, result *seen) error {
	trace := &httptrace.ClientTrace{
		GotConn: func(info httptrace.GotConnInfo) {
			if info.Reused {
				result.Reused++
			}
		},
		Got1xxResponse: func(code int, _ textproto.MIMEHeader) error {
			result.Hints++
			return nil
		},
	}
	request, err := http.NewRequest("POST", address, io.NopCloser(strings.NewReader("from Go")))
	if err != nil {
		return err
	}
	request.Header.Set("TE", "trailers")
	response, err := client.Do(request.WithContext(
		httptrace.WithClientTrace(request.Context(), trace)))
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	result.Statuses = append(result.Statuses, response.StatusCode)
	result.Bodies = append(result.Bodies, string(body))
	result.Trailer = response.Trailer.Get("X-Sum")
	return nil
}

func main() {
	times, _ := strconv.Atoi(os.Args[2])
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.ForceAttemptHTTP2 = false
	if len(os.Args) > 3 {
		// By hand: net/http never asks the environment's proxy for loopback.
		proxy, _ := url.Parse(os.Args[3])
		transport.Proxy = http.ProxyURL(proxy)
	}
	client := &http.Client{Transport: transport}
	result := seen{}
	for i := 0; i < times && result.Error == ""; i++ {
		if err := ask(client, os.Args[1], &result); err != nil {
			result.Error = err.Error()
		}
	}
	text, _ := json.Marshal(result)
	fmt.Println(string(text))
}
