/** What the browser of tests offers them. */
export declare const chromium: string | undefined;

export interface Page {
  readonly complaints: readonly string[];
  requests(): readonly string[];
  evaluate(expression: string): Promise<unknown>;
  show(how: {
    readonly width: number;
    readonly scheme?: "light" | "dark";
    readonly height?: number;
    readonly media?: "screen" | "print";
  }): Promise<void>;
  screenshot(clip?: { readonly y?: number; readonly height?: number }): Promise<Buffer>;
  print(): Promise<Buffer>;
  close(): Promise<unknown>;
}

export interface Browser {
  open(url: string, options?: { readonly bypassCSP?: boolean; readonly withoutScripts?: boolean }): Promise<Page>;
  close(): Promise<void>;
}

export declare function openBrowser(): Promise<Browser>;
export declare function seriousFindings(page: Page, source: string): Promise<readonly string[]>;
export declare function sticksOut(page: Page): Promise<readonly string[]>;
