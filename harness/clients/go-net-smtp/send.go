// Sends the message of standard input: send send-mail|starttls|insecure HOST PORT HELO SENDER RECIPIENT
package main

import (
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/smtp"
	"os"
	"runtime"
)

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	if len(os.Args) != 7 {
		fmt.Println(runtime.Version())
		return
	}
	mode, host, port, helo, sender, recipient := os.Args[1], os.Args[2], os.Args[3], os.Args[4], os.Args[5], os.Args[6]
	message, err := io.ReadAll(os.Stdin)
	check(err)
	address := net.JoinHostPort(host, port)
	if mode == "send-mail" {
		check(smtp.SendMail(address, nil, sender, []string{recipient}, message))
		return
	}
	client, err := smtp.Dial(address)
	check(err)
	check(client.Hello(helo))
	check(client.StartTLS(&tls.Config{ServerName: host, InsecureSkipVerify: mode == "insecure"}))
	check(client.Mail(sender))
	check(client.Rcpt(recipient))
	data, err := client.Data()
	check(err)
	_, err = data.Write(message)
	check(err)
	check(data.Close())
	check(client.Quit())
}
