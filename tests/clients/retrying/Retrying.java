import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;

/** Asks a base URL once, by java.net.http. It prints success or failure, and ends with 0 or 1. */
public final class Retrying {
    public static void main(String[] arguments) {
        try {
            var request = HttpRequest.newBuilder(URI.create(arguments[0])).build();
            var answer = HttpClient.newHttpClient().send(request, BodyHandlers.ofString());
            if (answer.statusCode() < 400) {
                System.out.println("success");
                System.exit(0);
            }
            System.out.println("failure: " + answer.statusCode());
        } catch (Exception problem) {
            System.out.println("failure: " + problem);
        }
        System.exit(1);
    }
}
