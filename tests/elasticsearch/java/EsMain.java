import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

/**
 * Starts a genuine Elasticsearch node the way org.elasticsearch.bootstrap.Elasticsearch does, minus what
 * Maven Central lacks: the entitlement agent, the native libraries, and the server-cli launcher.
 * Usage: EsMain key=value...   (settings that override config/elasticsearch.yml)
 * With -Downer=PID it ends when that process ends, however that happens.
 */
public class EsMain {
    public static void main(String[] args) throws Exception {
        try {
            run(args);
        } catch (Throwable t) {
            t.printStackTrace();
            System.exit(1);
        }
        Thread.currentThread().join();
    }

    private static void run(String[] args) throws Exception {
        Path home = Path.of(System.getProperty("es.path.home")).toAbsolutePath();
        LogConfigurator.configureESLogging();
        LogConfigurator.registerErrorListener();
        Settings.Builder overrides = Settings.builder().put(Environment.PATH_HOME_SETTING.getKey(), home);
        for (String arg : args) {
            int eq = arg.indexOf('=');
            overrides.put(arg.substring(0, eq), arg.substring(eq + 1));
        }
        Path config = Path.of(System.getProperty("es.path.conf", home.resolve("config").toString()));
        Environment env = InternalSettingsPreparer.prepareEnvironment(overrides.build(), Map.of(), config, () -> "node-1");
        LogConfigurator.setClusterName(env.settings().get("cluster.name", "elasticsearch"));
        LogConfigurator.setNodeName(env.settings().get("node.name"));
        LogConfigurator.configure(env, true);
        Node node = new Node(env, PluginsLoader.createPluginsLoader(
            PluginsLoader.loadModulesBundles(env.modulesDir(), false),
            PluginsLoader.loadPluginsBundles(env.pluginsDir(), false),
            Map.of()));
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try { node.close(); } catch (Exception e) { e.printStackTrace(); }
        }));
        node.start();
        String owner = System.getProperty("owner");
        if (owner != null) {
            ProcessHandle.of(Long.parseLong(owner)).map(ProcessHandle::onExit)
                .orElse(CompletableFuture.completedFuture(null)).thenRun(() -> System.exit(0));
        }
    }
}
